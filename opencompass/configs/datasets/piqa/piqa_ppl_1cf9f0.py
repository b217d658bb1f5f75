from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

piqa_reader_cfg = reader(['goal', 'sol1', 'sol2'], 'label', test_split='validation')

_question = 'The following makes sense: \nQ: {goal}\nA: '

piqa_infer_cfg = rank({0: _question + '{sol1}\n', 1: _question + '{sol2}\n'})

piqa_eval_cfg = accuracy()

piqa_datasets = [
    dict(type=HFDataset, path='piqa',
         reader_cfg=piqa_reader_cfg, infer_cfg=piqa_infer_cfg, eval_cfg=piqa_eval_cfg)
]
