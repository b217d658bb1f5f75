from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import AXDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

AX_g_reader_cfg = reader(['hypothesis', 'premise'], 'label')

AX_g_infer_cfg = generate(chat(
    '{premise}\n{hypothesis}\n'
    'Is the sentence below entailed by the sentence above?\nA. Yes\nB. No\nAnswer:'
))

AX_g_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

AX_g_datasets = [
    dict(abbr='AX_g', type=AXDataset_V2, path='./data/SuperGLUE/AX-g/AX-g.jsonl',
         reader_cfg=AX_g_reader_cfg, infer_cfg=AX_g_infer_cfg, eval_cfg=AX_g_eval_cfg)
]
