from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import RaceDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

race_reader_cfg = reader(['article', 'question', 'A', 'B', 'C', 'D'], 'answer')

race_infer_cfg = generate(chat(
    'Read the article, and answer the question by replying A, B, C or D.\n\nArticle:\n'
    '{article}\n\nQ: {question}\n\nA. {A}\nB. {B}\nC. {C}\nD. {D}'
))

race_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

race_datasets = [
    dict(type=RaceDataset, abbr=f'race-{split}', path='race', name=split,
         reader_cfg=race_reader_cfg, infer_cfg=race_infer_cfg, eval_cfg=race_eval_cfg)
    for split in ['middle', 'high']
]
