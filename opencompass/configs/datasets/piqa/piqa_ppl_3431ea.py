from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

piqa_reader_cfg = reader(['goal', 'sol1', 'sol2'], 'label', test_split='validation')

piqa_infer_cfg = rank({0: chat('{goal}', '{sol1}'), 1: chat('{goal}', '{sol2}')})

piqa_eval_cfg = accuracy()

piqa_datasets = [
    dict(type=HFDataset, path='piqa',
         reader_cfg=piqa_reader_cfg, infer_cfg=piqa_infer_cfg, eval_cfg=piqa_eval_cfg)
]
