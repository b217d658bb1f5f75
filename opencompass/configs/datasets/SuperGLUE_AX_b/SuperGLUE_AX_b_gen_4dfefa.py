from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import AXDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

AX_b_reader_cfg = reader(['sentence1', 'sentence2'], 'label')

AX_b_infer_cfg = generate(chat(
    '{sentence1}\n{sentence2}\n'
    'Is the sentence below entailed by the sentence above?\nA. Yes\nB. No\nAnswer:'
))

AX_b_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

AX_b_datasets = [
    dict(abbr='AX_b', type=AXDataset_V2, path='./data/SuperGLUE/AX-b/AX-b.jsonl',
         reader_cfg=AX_b_reader_cfg, infer_cfg=AX_b_infer_cfg, eval_cfg=AX_b_eval_cfg)
]
