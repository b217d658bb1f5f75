from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import hellaswagDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

hellaswag_reader_cfg = reader(['ctx', 'A', 'B', 'C', 'D'], 'label', test_split='validation')

hellaswag_infer_cfg = generate(chat(
    '{ctx}\n'
    'Question: Which ending makes the most sense?\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n'
    "You may choose from 'A', 'B', 'C', 'D'.\nAnswer:"
))

hellaswag_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

hellaswag_datasets = [
    dict(type=hellaswagDataset_V2, path='hellaswag',
         reader_cfg=hellaswag_reader_cfg, infer_cfg=hellaswag_infer_cfg, eval_cfg=hellaswag_eval_cfg)
]
