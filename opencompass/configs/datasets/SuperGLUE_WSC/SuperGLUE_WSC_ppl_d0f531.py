from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import WSCDataset_V2

WSC_reader_cfg = reader(['span1', 'span2', 'text'], 'label')

_question = "{text}\nIs '{span1}' and '{span2}' refers to the same entity in the above sentence?"

WSC_infer_cfg = rank({'A': chat(_question, 'Yes'), 'B': chat(_question, 'No')})

WSC_eval_cfg = accuracy()

WSC_datasets = [
    dict(abbr='WSC', type=WSCDataset_V2, path='./data/SuperGLUE/WSC/val.jsonl',
         reader_cfg=WSC_reader_cfg, infer_cfg=WSC_infer_cfg, eval_cfg=WSC_eval_cfg)
]
