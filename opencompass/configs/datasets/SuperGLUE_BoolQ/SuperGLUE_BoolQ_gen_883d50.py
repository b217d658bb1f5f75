from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import BoolQDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

BoolQ_reader_cfg = reader(['question', 'passage'], 'label')

BoolQ_infer_cfg = generate(chat('{passage}\nQuestion: {question}\nA. Yes\nB. No\nAnswer:'))

BoolQ_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

BoolQ_datasets = [
    dict(abbr='BoolQ', type=BoolQDataset_V2, path='./data/SuperGLUE/BoolQ/val.jsonl',
         reader_cfg=BoolQ_reader_cfg, infer_cfg=BoolQ_infer_cfg, eval_cfg=BoolQ_eval_cfg)
]
