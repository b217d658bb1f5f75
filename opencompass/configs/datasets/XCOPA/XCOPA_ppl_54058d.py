from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import XCOPADataset

XCOPA_reader_cfg = reader(['question', 'premise', 'choice1', 'choice2'], 'label', test_split='train')

XCOPA_infer_cfg = rank({
    0: 'Premise:{premise}。\nQuestion:{question}。\nAnswer: {choice1}.',
    1: 'Passage:{premise}。\nQuestion:{question}。\nAnswer: {choice2}.',
})

XCOPA_eval_cfg = accuracy()

XCOPA_datasets = [
    dict(type=XCOPADataset, path='xcopa',
         reader_cfg=XCOPA_reader_cfg, infer_cfg=XCOPA_infer_cfg, eval_cfg=XCOPA_eval_cfg)
]
