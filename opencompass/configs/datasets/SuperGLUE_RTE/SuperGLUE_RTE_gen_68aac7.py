from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import AXDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

RTE_reader_cfg = reader(['hypothesis', 'premise'], 'label')

RTE_infer_cfg = generate(chat(
    '{premise}\n{hypothesis}\n'
    'Is the sentence below entailed by the sentence above?\nA. Yes\nB. No\nAnswer:'
))

RTE_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

RTE_datasets = [
    dict(abbr='RTE', type=AXDataset_V2, path='./data/SuperGLUE/RTE/val.jsonl',
         reader_cfg=RTE_reader_cfg, infer_cfg=RTE_infer_cfg, eval_cfg=RTE_eval_cfg)
]
