from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import OBQADataset

_reader_cfg = reader(['question_stem', 'A', 'B', 'C', 'D'], 'answerKey')

obqa_reader_cfg = reader(['question_stem', 'A', 'B', 'C', 'D', 'fact1'], 'answerKey')

_question = 'Question: {question_stem}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer:'

_infer_cfg = rank({label: chat(_question, label) for label in 'ABCD'})

obqa_infer_cfg = rank({label: chat('Given the fact: {fact1}\n' + _question, label) for label in 'ABCD'})

obqa_eval_cfg = accuracy()

obqa_datasets = [
    dict(type=OBQADataset, path='openbookqa', split='test',
         reader_cfg=_reader_cfg, infer_cfg=_infer_cfg, eval_cfg=obqa_eval_cfg),
    dict(abbr='openbookqa_fact', type=OBQADataset, path='openbookqa', name='additional', split='test',
         reader_cfg=obqa_reader_cfg, infer_cfg=obqa_infer_cfg, eval_cfg=obqa_eval_cfg),
]
