from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import ARCDataset

ARC_e_reader_cfg = reader(['question', 'textA', 'textB', 'textC', 'textD'], 'answerKey')

ARC_e_infer_cfg = rank({
    'A': 'Question: {question}\nAnswer: {textA}',
    'B': 'Question: {question}\nAnswer: {textB}',
    'C': 'Question: {question}\nAnswer: {textC}',
    'D': 'Question: {question}\nAnswer: {textD}',
})

ARC_e_eval_cfg = accuracy()

ARC_e_datasets = [
    dict(type=ARCDataset, abbr='ARC-e', path='./data/ARC/ARC-e/ARC-Easy-Dev.jsonl',
         reader_cfg=ARC_e_reader_cfg, infer_cfg=ARC_e_infer_cfg, eval_cfg=ARC_e_eval_cfg)
]
