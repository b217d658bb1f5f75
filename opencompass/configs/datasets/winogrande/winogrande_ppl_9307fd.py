from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import winograndeDataset

winogrande_reader_cfg = reader(['opt1', 'opt2'], 'answer', train_split='validation', test_split='validation')

winogrande_infer_cfg = rank({1: 'Good sentence: {opt1}', 2: 'Good sentence: {opt2}'})

winogrande_eval_cfg = accuracy()

winogrande_datasets = [
    dict(abbr='winogrande', type=winograndeDataset, path='winogrande', name='winogrande_xs',
         reader_cfg=winogrande_reader_cfg, infer_cfg=winogrande_infer_cfg, eval_cfg=winogrande_eval_cfg)
]
