from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import OBQADataset

_reader_cfg = reader(['question_stem', 'A', 'B', 'C', 'D'], 'answerKey')

obqa_reader_cfg = reader(['question_stem', 'A', 'B', 'C', 'D', 'fact1'], 'answerKey')

_infer_cfg = rank({label: f'{{question_stem}} {{{label}}}' for label in 'ABCD'})

obqa_infer_cfg = rank({
    label: f'Given the fact {{fact1}}, we know that {{question_stem}} {{{label}}}' for label in 'ABCD'
})

obqa_eval_cfg = accuracy()

obqa_datasets = [
    dict(abbr='openbookqa', type=OBQADataset, path='openbookqa', split='test',
         reader_cfg=_reader_cfg, infer_cfg=_infer_cfg, eval_cfg=obqa_eval_cfg),
    dict(abbr='openbookqa_fact', type=OBQADataset, path='openbookqa', name='additional', split='test',
         reader_cfg=obqa_reader_cfg, infer_cfg=obqa_infer_cfg, eval_cfg=obqa_eval_cfg),
]
