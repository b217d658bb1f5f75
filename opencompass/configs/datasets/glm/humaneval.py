from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader

from opencompass.datasets import HFDataset, HumanEvaluator

humaneval_reader_cfg = reader(['prompt'], 'task_id', train_split='test')

humaneval_infer_cfg = generate('{prompt}')

humaneval_eval_cfg = dict(
    evaluator=dict(type=HumanEvaluator),
    k=[1, 10, 100],
    pred_postprocessor=dict(type='humaneval'),
)

humaneval_datasets = [
    dict(type=HFDataset, path='openai_humaneval',
         reader_cfg=humaneval_reader_cfg, infer_cfg=humaneval_infer_cfg, eval_cfg=humaneval_eval_cfg)
]
