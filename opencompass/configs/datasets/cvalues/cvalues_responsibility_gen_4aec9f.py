from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import CValuesDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

cvalues_reader_cfg = reader(['prompt'], 'label', train_split='train', test_split='train')

cvalues_infer_cfg = generate(chat('{prompt}请直接给出答案：\n'))

cvalues_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

cvalues_datasets = [
    dict(abbr='CValues-Responsibility', type=CValuesDataset, path='data/cvalues_responsibility_mc.jsonl',
         reader_cfg=cvalues_reader_cfg, infer_cfg=cvalues_infer_cfg, eval_cfg=cvalues_eval_cfg)
]
