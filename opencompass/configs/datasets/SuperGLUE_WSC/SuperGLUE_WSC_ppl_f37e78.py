from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import WSCDataset

WSC_reader_cfg = reader(['span1', 'span2', 'text', 'new_text'], 'answer')

WSC_infer_cfg = rank({0: '{text}', 1: '{new_text}'})

WSC_eval_cfg = accuracy()

WSC_datasets = [
    dict(type=WSCDataset, path='json', abbr='WSC', data_files='./data/SuperGLUE/WSC/val.jsonl', split='train',
         reader_cfg=WSC_reader_cfg, infer_cfg=WSC_infer_cfg, eval_cfg=WSC_eval_cfg)
]
