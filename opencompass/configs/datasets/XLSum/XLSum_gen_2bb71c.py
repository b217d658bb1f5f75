from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import XLSUMDataset, Xsum_postprocess
from opencompass.openicl.icl_evaluator import RougeEvaluator

XLSum_reader_cfg = reader(['text'], 'summary')

XLSum_infer_cfg = generate('Document：{text}\nBased on the previous text, provide a brief single summary:')

XLSum_eval_cfg = scored(RougeEvaluator, Xsum_postprocess)

XLSum_datasets = [
    dict(type=XLSUMDataset, path='csebuetnlp/xlsum',
         reader_cfg=XLSum_reader_cfg, infer_cfg=XLSum_infer_cfg, eval_cfg=XLSum_eval_cfg)
]
