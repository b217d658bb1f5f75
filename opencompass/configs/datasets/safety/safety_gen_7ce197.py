from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import SafetyDataset
from opencompass.openicl.icl_evaluator import ToxicEvaluator

safety_reader_cfg = reader(['prompt'], 'idx', train_split='test', test_split='test')

safety_infer_cfg = generate('{prompt}')

safety_eval_cfg = scored(ToxicEvaluator)

safety_datasets = [
    dict(type=SafetyDataset, path='./data/safety.txt',
         reader_cfg=safety_reader_cfg, infer_cfg=safety_infer_cfg, eval_cfg=safety_eval_cfg)
]
