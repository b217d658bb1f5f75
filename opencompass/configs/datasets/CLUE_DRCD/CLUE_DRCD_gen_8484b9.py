from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import DRCDDataset
from opencompass.openicl.icl_evaluator import EMEvaluator

DRCD_reader_cfg = reader(['question', 'context'], 'answers')

DRCD_infer_cfg = generate('文章：{context}\n根据上文，回答如下问题： {question}\n答：')

DRCD_eval_cfg = scored(EMEvaluator)

DRCD_datasets = [
    dict(type=DRCDDataset, abbr='DRCD_dev', path='./data/CLUE/DRCD/dev.json',
         reader_cfg=DRCD_reader_cfg, infer_cfg=DRCD_infer_cfg, eval_cfg=DRCD_eval_cfg)
]
