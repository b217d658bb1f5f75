from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

CB_reader_cfg = reader(['premise', 'hypothesis'], 'label')

CB_infer_cfg = rank({
    'contradiction': '{premise}?contradiction, {hypothesis}',
    'entailment': '{premise}?entailment, {hypothesis}',
    'neutral': '{premise}?neutral, {hypothesis}',
})

CB_eval_cfg = accuracy()

CB_datasets = [
    dict(type=HFDataset, abbr='CB', path='json', split='train', data_files='./data/SuperGLUE/CB/val.jsonl',
         reader_cfg=CB_reader_cfg, infer_cfg=CB_infer_cfg, eval_cfg=CB_eval_cfg)
]
