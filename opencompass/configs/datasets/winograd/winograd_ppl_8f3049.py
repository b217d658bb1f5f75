from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import winogradDataset

winograd_reader_cfg = reader(['opt1', 'opt2'], 'label', train_split='test', test_split='test')

_question = "{prompt} Q: In the previous text, what does '{pronoun}' refer to? A: "

winograd_infer_cfg = rank({0: _question + '{opt1}.', 1: _question + '{opt2}.'})

winograd_eval_cfg = accuracy()

winograd_datasets = [
    dict(abbr='winograd', type=winogradDataset, path='winograd_wsc', name='wsc285',
         reader_cfg=winograd_reader_cfg, infer_cfg=winograd_infer_cfg, eval_cfg=winograd_eval_cfg)
]
