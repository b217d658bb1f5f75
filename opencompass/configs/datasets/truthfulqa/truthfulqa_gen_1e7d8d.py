from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader

from opencompass.datasets import TruthfulQADataset, TruthfulQAEvaluator

truthfulqa_reader_cfg = reader(['question'], 'reference', train_split='validation', test_split='validation')

truthfulqa_infer_cfg = generate('{question}')

truthfulqa_eval_cfg = dict(evaluator=dict(type=TruthfulQAEvaluator, metrics=('truth', 'info'), key='ENV'))

truthfulqa_datasets = [
    dict(type=TruthfulQADataset, path='truthful_qa', name='generation',
         reader_cfg=truthfulqa_reader_cfg, infer_cfg=truthfulqa_infer_cfg, eval_cfg=truthfulqa_eval_cfg)
]
