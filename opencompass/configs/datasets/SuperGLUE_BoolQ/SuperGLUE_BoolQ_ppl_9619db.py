from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import BoolQDataset

BoolQ_reader_cfg = reader(['question', 'passage'], 'answer', test_split='train')

_question = 'Passage:{passage}。\nQuestion:{question}。\nAnswer: '

BoolQ_infer_cfg = rank({0: _question + 'No.', 1: _question + 'Yes.'})

BoolQ_eval_cfg = accuracy()

BoolQ_datasets = [
    dict(type=BoolQDataset, abbr='BoolQ', path='json', data_files='./data/SuperGLUE/BoolQ/val.jsonl', split='train',
         reader_cfg=BoolQ_reader_cfg, infer_cfg=BoolQ_infer_cfg, eval_cfg=BoolQ_eval_cfg)
]
