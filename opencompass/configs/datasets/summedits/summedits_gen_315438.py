from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import SummeditsDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

summedits_reader_cfg = reader(['doc', 'summary'], 'label')

summedits_infer_cfg = generate(chat(
    'Given the document below, you have to determine if "Yes" or "No", the summary is factually consistent with '
    'the document.\n\nDocument:\n{doc}\n\nSummary:\n{summary}\n\nQuestion:\n'
    'Is the summary factually consistent with the document?\nA. Yes\nB. No\n\nAnswer:'
))

summedits_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

summedits_datasets = [
    dict(abbr='summedits', type=SummeditsDataset_V2, path='./data/summedits/summedits.jsonl',
         reader_cfg=summedits_reader_cfg, infer_cfg=summedits_infer_cfg, eval_cfg=summedits_eval_cfg)
]
