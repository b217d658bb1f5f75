from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader

from opencompass.datasets import ReCoRDDataset
from opencompass.openicl.icl_evaluator import EMEvaluator

ReCoRD_reader_cfg = reader(['question', 'text'], 'answers')

ReCoRD_infer_cfg = generate(chat(
    'Passage: {text}\n'
    'Result: {question}\n'
    'Question: What entity does ____ refer to in the result? Give me the entity name:'
))

ReCoRD_eval_cfg = dict(evaluator=dict(type=EMEvaluator), pred_role='BOT', pred_postprocessor=dict(type='ReCoRD'))

ReCoRD_datasets = [
    dict(type=ReCoRDDataset, abbr='ReCoRD', path='./data/SuperGLUE/ReCoRD/val.jsonl',
         reader_cfg=ReCoRD_reader_cfg, infer_cfg=ReCoRD_infer_cfg, eval_cfg=ReCoRD_eval_cfg)
]
