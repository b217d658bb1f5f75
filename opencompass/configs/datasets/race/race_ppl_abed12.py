from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import RaceDataset

race_reader_cfg = reader(['article', 'question', 'A', 'B', 'C', 'D'], 'answer')

_question = (
    'Read the article, and answer the question by replying A, B, C or D.\n\n{article}\n\n'
    'Q: {question}\n\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n\nAnswer: '
)

race_infer_cfg = rank({'A': _question + 'A', 'B': _question + 'B', 'C': _question + 'C', 'D': _question + 'D'})

race_eval_cfg = accuracy()

race_datasets = [
    dict(type=RaceDataset, abbr=f'race-{split}', path='race', name=split,
         reader_cfg=race_reader_cfg, infer_cfg=race_infer_cfg, eval_cfg=race_eval_cfg)
    for split in ['middle', 'high']
]
