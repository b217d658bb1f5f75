from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import MultiRCDataset

MultiRC_reader_cfg = reader(['question', 'text', 'answer'], 'label')

MultiRC_infer_cfg = rank({
    0: 'Passage:{text}。\nQuestion:{question}。\nAnswer: {answer}. It is false.',
    1: 'Passage:</P>。\nQuestion:{question}。\nAnswer: {answer}. It is true.',
})

MultiRC_eval_cfg = accuracy()

MultiRC_datasets = [
    dict(type=MultiRCDataset, abbr='MultiRC', path='./data/SuperGLUE/MultiRC/val.jsonl',
         reader_cfg=MultiRC_reader_cfg, infer_cfg=MultiRC_infer_cfg, eval_cfg=MultiRC_eval_cfg)
]
