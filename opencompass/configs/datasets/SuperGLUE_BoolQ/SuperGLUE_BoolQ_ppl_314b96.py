from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import BoolQDataset

BoolQ_reader_cfg = reader(['question', 'passage'], 'answer', test_split='train')

_question = '{passage}\nQuestion: {question}?'

BoolQ_infer_cfg = rank({0: chat(_question, 'No'), 1: chat(_question, 'Yes')})

BoolQ_eval_cfg = accuracy()

BoolQ_datasets = [
    dict(type=BoolQDataset, abbr='BoolQ', path='json', data_files='./data/SuperGLUE/BoolQ/val.jsonl', split='train',
         reader_cfg=BoolQ_reader_cfg, infer_cfg=BoolQ_infer_cfg, eval_cfg=BoolQ_eval_cfg)
]
