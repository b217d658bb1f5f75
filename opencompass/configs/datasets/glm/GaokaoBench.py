from mmengine.config import read_base

with read_base():
    from .._recipes import as_example, chat, generate, prompt
    from ..GaokaoBench.GaokaoBench_mixed_f2038e import GaokaoBench_datasets as _papers

from opencompass.openicl.icl_inferencer import GLMChoiceInferencer
from opencompass.openicl.icl_retriever import ZeroRetriever

MCQ_TMPL = (
    '请你做一道{type}。\n'
    '请你一步一步思考并将思考过程写在[解析]和<eoe>之间。你将从A，B，C，D中选出正确的答案，并写在【答案]和<eoa>之间。\n'
    '例如：[答案]: A <eoa>\n'
    '完整的题目回答的格式如下：\n'
    '回答：[解析] ... <eoe>\n'
    '[答案] ... <eoa>\n'
    '请你严格按照上述格式作答。\n'
    '题目如下：{{question}}\n'
    '回答：'
)

MULTI_MCQ_TMPL = (
    '请你做一道{type}。\n'
    '请你一步一步思考。每一题你将从A，B，C，D中选出正确的答案，并写在[答案]和<eoa>之间。\n'
    '例如：（1）[答案] A <eoa>\n'
    '(2)[答案] B <eoa>\n'
    '请你严格按照上述格式作答。\n'
    '题目如下：{{question}}\n'
    '回答：'
)

CLOZE_TMPL = (
    '请你做一道{type}。\n'
    '请你一步一步思考。将符合题意的五个选项的字母写在[答案]和<eoa>之间。\n'
    '例如：[答案] A B C D E <eoa>\n'
    '请严格按照上述格式作答。\n'
    '题目如下：{{question}}\n'
    '回答：'
)

_token_map = dict(question='</question>')

_choices = {
    '2010-2022_Physics_MCQs': (MCQ_TMPL, '物理选择题'),
    '2010-2022_Chinese_Modern_Lit': (MULTI_MCQ_TMPL, '语文阅读理解题，其中包含三个小题'),
    '2010-2022_English_Fill_in_Blanks': (MULTI_MCQ_TMPL, '英语完形填空题,其中包含二十个小题'),
    '2012-2022_English_Cloze_Test': (CLOZE_TMPL, '英语完形填空题'),
    '2010-2022_Geography_MCQs': (MULTI_MCQ_TMPL, '地理选择题'),
    '2010-2022_English_Reading_Comp': (MULTI_MCQ_TMPL, '英语阅读理解题，其中包含三到五个小题。'),
    '2010-2022_Chinese_Lang_and_Usage_MCQs': (MCQ_TMPL, '语文选择题'),
}


def _generated(name, template):
    """The question stands at its token only where the options are in it."""
    if name in _choices:
        text, kind = _choices[name]
        text = text.format(type=kind).replace('{question}', '</question>')
    else:
        text = template['round'][0]['prompt'].replace('{question}', '')
    return as_example(generate(chat(text)), column_token_map=_token_map)


def _chosen(template):
    kind = template['A']['round'][0]['prompt'].removeprefix('请你做一道').split('\n')[0]
    question = MCQ_TMPL.format(type=kind) + '</question>'
    labels = {label: chat(question, f'【答案】{label} <eoa>') for label in 'ABCD'}
    return dict(
        ice_template=prompt(labels, column_token_map=_token_map, ice_token='</E>'),
        prompt_template=prompt(chat(question, '【答案】('), column_token_map=_token_map),
        retriever=dict(type=ZeroRetriever),
        inferencer=dict(type=GLMChoiceInferencer, choices=list('ABCD')),
    )


def _infer_cfg(paper):
    template = paper['infer_cfg']['ice_template']['template']
    if 'A' in template:
        return _chosen(template)
    return _generated(paper['abbr'].removeprefix('GaokaoBench_'), template)


gaokao_bench_datasets = [dict(paper, infer_cfg=_infer_cfg(paper)) for paper in _papers]
