from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import CMRCDataset
from opencompass.openicl.icl_evaluator import EMEvaluator

CMRC_reader_cfg = reader(['question', 'context'], 'answers')

CMRC_infer_cfg = generate(chat('{context}\n\n{question}', ''))

CMRC_eval_cfg = scored(EMEvaluator, pred_role='BOT')

CMRC_datasets = [
    dict(type=CMRCDataset, abbr='CMRC_dev', path='./data/CLUE/CMRC/dev.json',
         reader_cfg=CMRC_reader_cfg, infer_cfg=CMRC_infer_cfg, eval_cfg=CMRC_eval_cfg)
]
