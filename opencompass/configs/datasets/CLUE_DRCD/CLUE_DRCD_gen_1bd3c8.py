from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import DRCDDataset, drcd_postprocess
from opencompass.openicl.icl_evaluator import EMEvaluator

DRCD_reader_cfg = reader(['question', 'context'], 'answers')

DRCD_infer_cfg = generate(chat(
    '根据文章回答问题。你的答案应该尽可能简练，请以 ‘答案是’ 开头的句式作答。\n'
    '文章：{context}\n问：{question}\n答：'
))

DRCD_eval_cfg = scored(EMEvaluator, drcd_postprocess, pred_role='BOT')

DRCD_datasets = [
    dict(type=DRCDDataset, abbr='DRCD_dev', path='./data/CLUE/DRCD/dev.json',
         reader_cfg=DRCD_reader_cfg, infer_cfg=DRCD_infer_cfg, eval_cfg=DRCD_eval_cfg)
]
