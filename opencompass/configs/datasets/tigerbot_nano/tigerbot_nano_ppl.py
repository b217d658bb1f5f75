from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, few_shot, rank, reader
    from .subjects import nano_choice_subjects, nano_control_subject, nano_path

from opencompass.datasets import TigerBotNanoDataset

_en = 'Question: {question}\nAnswer: '
_zh = '问题: {question}\n答案: '


def _infer_cfg(question):
    answered = {label: f'{question}{{{label}}}' for label in 'ABCD'}
    return few_shot(rank({label: f'</E>{text}' for label, text in answered.items()}), answered)


nano_ppl_datasets = [
    dict(abbr=f'nano_{subject}', type=TigerBotNanoDataset, path=nano_path, subject=subject,
         reader_cfg=reader(['question', 'A', 'B', 'C', 'D'], 'answer', train_split='dev'),
         infer_cfg=_infer_cfg(_zh if subject == 'facts_zh' else _en), eval_cfg=accuracy())
    for subject in [*nano_choice_subjects, nano_control_subject]
]
