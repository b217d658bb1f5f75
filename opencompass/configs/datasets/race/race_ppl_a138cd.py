from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import RaceDataset

race_reader_cfg = reader(['article', 'question', 'A', 'B', 'C', 'D'], 'answer')

_question = (
    'Read the article, and answer the question by replying A, B, C or D.\n\nArticle:\n'
    '{article}\n\nQ: {question}\n\nA. {A}\nB. {B}\nC. {C}\nD. {D}'
)

race_infer_cfg = rank({label: chat(_question, f'A: {label}') for label in 'ABCD'})

race_eval_cfg = accuracy()

race_datasets = [
    dict(type=RaceDataset, abbr=f'race-{split}', path='race', name=split,
         reader_cfg=race_reader_cfg, infer_cfg=race_infer_cfg, eval_cfg=race_eval_cfg)
    for split in ['middle', 'high']
]
