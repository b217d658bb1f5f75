from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import CMRCDataset, cmrc_postprocess
from opencompass.openicl.icl_evaluator import EMEvaluator

CMRC_reader_cfg = reader(['question', 'context'], 'answers')

CMRC_infer_cfg = generate(chat('根据文章回答问题。你的答案应该尽可能简练，请以 ‘答案是’ 开头的句式作答。\n文章：{context}\n问：{question}\n答：'))

CMRC_eval_cfg = scored(EMEvaluator, cmrc_postprocess, pred_role='BOT')

CMRC_datasets = [
    dict(type=CMRCDataset, abbr='CMRC_dev', path='./data/CLUE/CMRC/dev.json',
         reader_cfg=CMRC_reader_cfg, infer_cfg=CMRC_infer_cfg, eval_cfg=CMRC_eval_cfg)
]
