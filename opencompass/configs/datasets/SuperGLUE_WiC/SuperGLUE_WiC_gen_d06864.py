from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import WiCDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

WiC_reader_cfg = reader(['word', 'sentence1', 'sentence2'], 'label')

WiC_infer_cfg = generate(chat(
    'Sentence 1: {sentence1}\nSentence 2: {sentence2}\n'
    "Are '{word}' in the above two sentenses the same?\nA. Yes\nB. No\nAnswer:"
))

WiC_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

WiC_datasets = [
    dict(abbr='WiC', type=WiCDataset_V2, path='./data/SuperGLUE/WiC/val.jsonl',
         reader_cfg=WiC_reader_cfg, infer_cfg=WiC_infer_cfg, eval_cfg=WiC_eval_cfg)
]
