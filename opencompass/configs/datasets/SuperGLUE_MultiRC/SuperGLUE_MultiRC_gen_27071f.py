from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import MultiRCDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

MultiRC_reader_cfg = reader(['question', 'text', 'answer'], 'label')

MultiRC_infer_cfg = generate(chat(
    '{text}\nQuestion: {question}\nAnswer: {answer}\nIs it true?\nA. Yes\nB. No\n'
    'Answer:'
))

MultiRC_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

MultiRC_datasets = [
    dict(abbr='MultiRC', type=MultiRCDataset_V2, path='./data/SuperGLUE/MultiRC/val.jsonl',
         reader_cfg=MultiRC_reader_cfg, infer_cfg=MultiRC_infer_cfg, eval_cfg=MultiRC_eval_cfg)
]
