from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import XsumDataset, Xsum_postprocess
from opencompass.openicl.icl_evaluator import RougeEvaluator

Xsum_reader_cfg = reader(['dialogue'], 'summary')

Xsum_infer_cfg = generate('Document：{dialogue}\nBased on the previous text, provide a brief single summary:')

Xsum_eval_cfg = scored(RougeEvaluator, Xsum_postprocess)

Xsum_datasets = [
    dict(type=XsumDataset, abbr='Xsum', path='./data/Xsum/dev.jsonl',
         reader_cfg=Xsum_reader_cfg, infer_cfg=Xsum_infer_cfg, eval_cfg=Xsum_eval_cfg)
]
