from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import COPADataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

COPA_reader_cfg = reader(['question', 'premise', 'choice1', 'choice2'], 'label')

COPA_infer_cfg = generate(chat(
    '{premise}\nQuestion: Which may be the {question}?\nA. {choice1}\nB. {choice2}\n'
    'Answer:'
))

COPA_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

COPA_datasets = [
    dict(abbr='COPA', type=COPADataset_V2, path='./data/SuperGLUE/COPA/val.jsonl',
         reader_cfg=COPA_reader_cfg, infer_cfg=COPA_infer_cfg, eval_cfg=COPA_eval_cfg)
]
