from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import ARCDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

ARC_c_reader_cfg = reader(['question', 'textA', 'textB', 'textC', 'textD'], 'answerKey')

ARC_c_infer_cfg = generate(chat('Question: {question}\nA. {textA}\nB. {textB}\nC. {textC}\nD. {textD}\nAnswer:'))

ARC_c_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

ARC_c_datasets = [
    dict(abbr='ARC-c', type=ARCDataset, path='./data/ARC/ARC-c/ARC-Challenge-Dev.jsonl',
         reader_cfg=ARC_c_reader_cfg, infer_cfg=ARC_c_infer_cfg, eval_cfg=ARC_c_eval_cfg)
]
