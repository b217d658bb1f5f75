from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import WiCDataset

WiC_reader_cfg = reader(['word', 'sentence1', 'sentence2'], 'answer', test_split='train')

_question = '{word} in {sentence1} and {sentence2} is '

WiC_infer_cfg = rank({0: _question + 'different.', 1: _question + 'same.'})

WiC_eval_cfg = accuracy()

WiC_datasets = [
    dict(type=WiCDataset, abbr='WiC', path='json', data_files='./data/SuperGLUE/WiC/val.jsonl', split='train',
         reader_cfg=WiC_reader_cfg, infer_cfg=WiC_infer_cfg, eval_cfg=WiC_eval_cfg)
]
