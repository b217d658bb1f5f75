from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

RTE_reader_cfg = reader(['hypothesis', 'premise'], 'label', test_split='train')

_question = '{premise}\n{hypothesis}\nIs the sentence below entailed by the sentence above?'

RTE_infer_cfg = rank({'entailment': chat(_question, 'Yes'), 'not_entailment': chat(_question, 'No')})

RTE_eval_cfg = accuracy()

RTE_datasets = [
    dict(type=HFDataset, abbr='RTE', path='json', data_files='./data/SuperGLUE/RTE/val.jsonl', split='train',
         reader_cfg=RTE_reader_cfg, infer_cfg=RTE_infer_cfg, eval_cfg=RTE_eval_cfg)
]
