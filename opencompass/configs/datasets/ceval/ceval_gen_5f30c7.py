from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, few_shot, generate, reader
    from .subjects import ceval_all_sets, ceval_subject_mapping

from opencompass.datasets import CEvalDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess


def _infer_cfg(subject):
    question = (f'以下是中国关于{subject}考试的单项选择题，请选出其中的正确答案。\n'
                '{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n答案: ')
    return few_shot(generate({label: chat(question, label, begin='</E>') for label in 'ABCD'}))


ceval_eval_cfg = accuracy(first_capital_postprocess)

ceval_datasets = [
    dict(type=CEvalDataset, path='./data/ceval/formal_ceval', name=name, abbr=f'ceval-{name}',
         reader_cfg=reader(['question', 'A', 'B', 'C', 'D'], 'answer', train_split='dev', test_split='val'),
         infer_cfg=_infer_cfg(subject), eval_cfg=ceval_eval_cfg)
    for name, (_, subject, _) in ceval_subject_mapping.items()
]

ceval_infer_cfg = ceval_datasets[-1]['infer_cfg']
