from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

RTE_reader_cfg = reader(['hypothesis', 'premise'], 'label', test_split='train')

RTE_infer_cfg = rank({
    'entailment': '{premise}?entailment, {hypothesis}',
    'not_entailment': '{premise}?not_entailment, {hypothesis}',
})

RTE_eval_cfg = accuracy()

RTE_datasets = [
    dict(type=HFDataset, abbr='RTE', path='json', data_files='./data/SuperGLUE/RTE/val.jsonl', split='train',
         reader_cfg=RTE_reader_cfg, infer_cfg=RTE_infer_cfg, eval_cfg=RTE_eval_cfg)
]
