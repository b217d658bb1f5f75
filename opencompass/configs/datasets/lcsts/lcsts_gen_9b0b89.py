from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import LCSTSDataset, lcsts_postprocess
from opencompass.openicl.icl_evaluator import RougeEvaluator

lcsts_reader_cfg = reader(['content'], 'abst')

lcsts_infer_cfg = generate('阅读文章：{content}\n根据上文，给出简短的单个摘要：')

lcsts_eval_cfg = scored(RougeEvaluator, lcsts_postprocess)

lcsts_datasets = [
    dict(type=LCSTSDataset, abbr='lcsts', path='./data/LCSTS',
         reader_cfg=lcsts_reader_cfg, infer_cfg=lcsts_infer_cfg, eval_cfg=lcsts_eval_cfg)
]
