from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import ARCDataset

ARC_c_reader_cfg = reader(['question', 'textA', 'textB', 'textC', 'textD'], 'answerKey')

_question = 'Question: {question}\nAnswer: '

ARC_c_infer_cfg = rank({label: chat(_question, f'{{text{label}}}') for label in 'ABCD'})

ARC_c_eval_cfg = accuracy()

ARC_c_datasets = [
    dict(type=ARCDataset, abbr='ARC-c', path='./data/ARC/ARC-c/ARC-Challenge-Dev.jsonl',
         reader_cfg=ARC_c_reader_cfg, infer_cfg=ARC_c_infer_cfg, eval_cfg=ARC_c_eval_cfg)
]
