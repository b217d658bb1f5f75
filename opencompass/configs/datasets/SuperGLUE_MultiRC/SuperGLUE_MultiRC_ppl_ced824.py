from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import MultiRCDataset

MultiRC_reader_cfg = reader(['question', 'text', 'answer'], 'label')

_question = '{text}\nQuestion: {question}\nAnswer: {answer}\nIs it true?'

MultiRC_infer_cfg = rank({0: chat(_question, 'No, it is false.'), 1: chat(_question, 'Yes, it is true.')})

MultiRC_eval_cfg = accuracy()

MultiRC_datasets = [
    dict(type=MultiRCDataset, abbr='MultiRC', path='./data/SuperGLUE/MultiRC/val.jsonl',
         reader_cfg=MultiRC_reader_cfg, infer_cfg=MultiRC_infer_cfg, eval_cfg=MultiRC_eval_cfg)
]
