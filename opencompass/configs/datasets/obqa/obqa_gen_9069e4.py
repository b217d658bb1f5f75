from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import OBQADataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

_reader_cfg = reader(['question_stem', 'A', 'B', 'C', 'D'], 'answerKey')

obqa_reader_cfg = reader(['question_stem', 'A', 'B', 'C', 'D', 'fact1'], 'answerKey')

_question = 'Question: {question_stem}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer:'

_infer_cfg = generate(chat(_question))

obqa_infer_cfg = generate(chat('Given the fact: {fact1}\n' + _question))

obqa_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

obqa_datasets = [
    dict(abbr='openbookqa', type=OBQADataset, path='openbookqa', split='test',
         reader_cfg=_reader_cfg, infer_cfg=_infer_cfg, eval_cfg=obqa_eval_cfg),
    dict(abbr='openbookqa_fact', type=OBQADataset, path='openbookqa', name='additional', split='test',
         reader_cfg=obqa_reader_cfg, infer_cfg=obqa_infer_cfg, eval_cfg=obqa_eval_cfg),
]
