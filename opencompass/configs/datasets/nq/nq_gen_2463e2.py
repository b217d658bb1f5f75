from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import NQEvaluator, NaturalQuestionDataset

nq_reader_cfg = reader(['question'], 'answer', train_split='test')

nq_infer_cfg = generate('Answer these questions:\nQ: {question}?\nA:{answer}')

nq_eval_cfg = scored(NQEvaluator, pred_role='BOT')

nq_datasets = [
    dict(type=NaturalQuestionDataset, abbr='nq', path='./data/nq/',
         reader_cfg=nq_reader_cfg, infer_cfg=nq_infer_cfg, eval_cfg=nq_eval_cfg)
]
