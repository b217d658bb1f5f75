from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

COPA_reader_cfg = reader(['question', 'premise', 'choice1', 'choice2'], 'label', test_split='train')

COPA_infer_cfg = rank({
    0: 'Premise:{premise}。\nQuestion:{question}。\nAnswer: {choice1}.',
    1: 'Passage:{premise}。\nQuestion:{question}。\nAnswer: {choice2}.',
})

COPA_eval_cfg = accuracy()

COPA_datasets = [
    dict(type=HFDataset, abbr='COPA', path='json', data_files='./data/SuperGLUE/COPA/val.jsonl', split='train',
         reader_cfg=COPA_reader_cfg, infer_cfg=COPA_infer_cfg, eval_cfg=COPA_eval_cfg)
]
