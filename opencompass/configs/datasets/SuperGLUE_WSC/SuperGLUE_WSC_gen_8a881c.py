from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import WSCDataset_V3
from opencompass.utils.text_postprocessors import first_capital_postprocess

WSC_reader_cfg = reader(['span1', 'span2', 'text'], 'label')

WSC_infer_cfg = generate(chat(
    'Passage: {text}\n'
    'Does the pronoun # {span2} # refer to * {span1} *?\nA. Yes\nB. No\nAnseer:'
))

WSC_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

WSC_datasets = [
    dict(abbr='WSC', type=WSCDataset_V3, path='./data/SuperGLUE/WSC/val.jsonl',
         reader_cfg=WSC_reader_cfg, infer_cfg=WSC_infer_cfg, eval_cfg=WSC_eval_cfg)
]
