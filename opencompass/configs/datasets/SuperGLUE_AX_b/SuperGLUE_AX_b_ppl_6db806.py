from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

AX_b_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = '{sentence1}\n{sentence2}\nIs the sentence below entailed by the sentence above?'

AX_b_infer_cfg = rank({'entailment': chat(_question, 'Yes'), 'not_entailment': chat(_question, 'No')})

AX_b_eval_cfg = accuracy()

AX_b_datasets = [
    dict(type=HFDataset, abbr='AX_b', path='json', data_files='./data/SuperGLUE/AX-b/AX-b.jsonl', split='train',
         reader_cfg=AX_b_reader_cfg, infer_cfg=AX_b_infer_cfg, eval_cfg=AX_b_eval_cfg)
]
