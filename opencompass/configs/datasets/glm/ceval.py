from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, prompt, reader

from opencompass.datasets import CEvalDataset
from opencompass.openicl.icl_inferencer import GLMChoiceInferencer
from opencompass.openicl.icl_prompt_template import PromptTemplate
from opencompass.openicl.icl_retriever import FixKRetriever

ceval_all_sets = [
    '操作系统', '初中地理', '初中化学', '初中历史', '初中生物', '初中数学', '初中物理', '初中政治', '大学编程',
    '大学化学', '大学经济学', '大学物理', '大学中国史', '导游资格', '法律职业资格', '法学', '概率统计', '高等数学',
    '高中地理', '高中化学', '高中历史', '高中生物', '高中数学', '高中物理', '高中语文', '高中政治', '公务员',
    '工商管理', '环境影响评价工程师', '基础医学', '计算机网络', '计算机组成', '教师资格', '教育学', '离散数学',
    '临床医学', '逻辑学', '马克思主义基本原理', '毛泽东思想和中国特色社会主义理论体系概论', '兽医学', '税务师',
    '思想道德修养与法律基础', '体育学', '医师资格', '艺术学', '植物保护', '中国语言文学', '注册城乡规划师',
    '注册电气工程师', '注册会计师', '注册计量师', '注册消防工程师',
]

ceval_reader_cfg = reader(['question', 'A', 'B', 'C', 'D'], 'answer', train_split='dev', test_split='val')

ceval_prompt_template = dict(type=PromptTemplate, template=None, ice_token='</E>')

_options = '{question}\n(A) {/A}\n(B) {/B}\n(C) {/C}\n(D) {/D}\n答案: '

ceval_infer_cfg = dict(
    ice_template=prompt({label: _options + f'({label}) {{{label}}}\n' for label in 'ABCD'}),
    prompt_template=ceval_prompt_template,
    retriever=dict(type=FixKRetriever),
    inferencer=dict(type=GLMChoiceInferencer, fix_id_list=[0, 1, 2, 3, 4]),
)

ceval_eval_cfg = accuracy()


def _infer_cfg(subject):
    head = f'以下是中国关于{subject}考试的单项选择题，请选出其中的正确答案。'
    template = chat('{question}\n(A) {A}\n(B) {B}\n(C) {C}\n(D) {D}\\答案: (',
                    begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt=head), '</E>'])
    return dict(ceval_infer_cfg, prompt_template=dict(ceval_prompt_template, template=template))


ceval_datasets = [
    dict(type=CEvalDataset, path='./data/ceval/release_ceval', name=name, abbr=f'ceval-{name}',
         reader_cfg=ceval_reader_cfg, infer_cfg=_infer_cfg(name), eval_cfg=ceval_eval_cfg)
    for name in ceval_all_sets
]
