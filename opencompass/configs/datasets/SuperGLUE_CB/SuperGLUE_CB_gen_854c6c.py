from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import CBDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

CB_reader_cfg = reader(['premise', 'hypothesis'], 'label')

CB_infer_cfg = generate(chat(
    '{premise}\n{hypothesis}\n'
    'What is the relation between the two sentences?\nA. Contradiction\nB. Entailment\n'
    'C. Neutral\nAnswer:'
))

CB_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

CB_datasets = [
    dict(abbr='CB', type=CBDataset_V2, path='./data/SuperGLUE/CB/val.jsonl',
         reader_cfg=CB_reader_cfg, infer_cfg=CB_infer_cfg, eval_cfg=CB_eval_cfg)
]
