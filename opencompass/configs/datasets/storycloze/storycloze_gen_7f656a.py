from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import storyclozeDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

storycloze_reader_cfg = reader(['context', 'sentence_quiz1', 'sentence_quiz2'], 'answer_right_ending')

storycloze_infer_cfg = generate(chat(
    '{context}\n'
    'Question: Which ending makes the most sense?\nA. {sentence_quiz1}\nB. {sentence_quiz2}\n'
    "You may choose between 'A' and 'B'.\nAnswer:"
))

storycloze_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

storycloze_datasets = [
    dict(abbr='story_cloze', type=storyclozeDataset_V2, path='juletxara/xstory_cloze', name='en',
         reader_cfg=storycloze_reader_cfg, infer_cfg=storycloze_infer_cfg, eval_cfg=storycloze_eval_cfg)
]
