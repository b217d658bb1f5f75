from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader

from opencompass.datasets import XsumDataset
from opencompass.openicl.icl_evaluator import RougeEvaluator

Xsum_reader_cfg = reader(['dialogue'], 'summary')

Xsum_infer_cfg = generate(chat('Document：{dialogue}\nBased on the previous text, provide a brief single summary:'))

Xsum_eval_cfg = dict(evaluator=dict(type=RougeEvaluator), pred_role='BOT', pred_postprocessor=dict(type='Xsum'))

Xsum_datasets = [
    dict(type=XsumDataset, abbr='Xsum', path='./data/Xsum/dev.jsonl',
         reader_cfg=Xsum_reader_cfg, infer_cfg=Xsum_infer_cfg, eval_cfg=Xsum_eval_cfg)
]
