from mmengine.config import read_base

with read_base():
    from .._recipes import as_example, chat, generate, reader, scored

from opencompass.datasets import PJExamDataset, PJExamEvaluator

_prompt = (
    '请你做一道</major>选择题\n'
    '请你一步一步思考并将思考过程写在【解析】和<eoe>之间。你将从A，B，C，D中选出正确的答案，并写在【答案】和<eoa>之间。\n'
    '例如：【答案】A<eoa>\n'
    '完整的题目回答的格式如下：\n'
    '【解析】...<eoe>\n'
    '【答案】...<eoa>\n'
    '请你严格按照上述格式作答。\n'
    '题目如下：\n'
    '{question}'
)

_exams = ['gk-2022-v1', 'gk-2022-v1-math', 'gk-2023-v1', 'gk-2023-v1-math', 'gk-2023-v2', 'gk-2023-v2-math',
          'zk-2022-v1']

PJExam_datasets = [
    dict(type=PJExamDataset, path='./data/PJExam', name=name, abbr=f'PJExamDataset-{name}',
         reader_cfg=(reader(['question'], 'std_ans'),),
         infer_cfg=as_example(generate(chat(_prompt), max_out_len=1024)),
         eval_cfg=scored(PJExamEvaluator, pred_role='BOT', ds_column='eval_infos'))
    for name in _exams
]
