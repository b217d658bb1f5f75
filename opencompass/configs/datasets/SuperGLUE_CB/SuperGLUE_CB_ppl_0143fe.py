from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

CB_reader_cfg = reader(['premise', 'hypothesis'], 'label')

_question = '{premise}\n{hypothesis}\nWhat is the relation between the two sentences?'

CB_infer_cfg = rank({
    'contradiction': chat(_question, 'Contradiction'),
    'entailment': chat(_question, 'Entailment'),
    'neutral': chat(_question, 'Neutral'),
})

CB_eval_cfg = accuracy()

CB_datasets = [
    dict(type=HFDataset, abbr='CB', path='json', split='train', data_files='./data/SuperGLUE/CB/val.jsonl',
         reader_cfg=CB_reader_cfg, infer_cfg=CB_infer_cfg, eval_cfg=CB_eval_cfg)
]
