from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import storyclozeDataset

storycloze_reader_cfg = reader(
    ['context', 'sentence_quiz1', 'sentence_quiz2'],
    'answer_right_ending',
    train_split='test',
    test_split='test',
)

storycloze_infer_cfg = rank({1: '{context}{sentence_quiz1}', 2: '{context}{sentence_quiz2}'})

storycloze_eval_cfg = accuracy()

storycloze_datasets = [
    dict(abbr='story_cloze', type=storyclozeDataset, path='juletxara/xstory_cloze', name='en',
         reader_cfg=storycloze_reader_cfg, infer_cfg=storycloze_infer_cfg, eval_cfg=storycloze_eval_cfg)
]
