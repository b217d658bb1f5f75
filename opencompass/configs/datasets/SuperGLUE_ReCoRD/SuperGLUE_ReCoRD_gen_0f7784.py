from mmengine.config import read_base

with read_base():
    from .._recipes import generate, reader, scored

from opencompass.datasets import ReCoRDDataset, ReCoRD_postprocess
from opencompass.openicl.icl_evaluator import EMEvaluator

ReCoRD_reader_cfg = reader(['question', 'text'], 'answers')

ReCoRD_infer_cfg = generate(
    'Passage:{text}\n'
    'Result:{question}\n'
    'Question: What entity does ____ refer to in the result?Give me the entity name:'
)

ReCoRD_eval_cfg = scored(EMEvaluator, ReCoRD_postprocess)

ReCoRD_datasets = [
    dict(type=ReCoRDDataset, abbr='ReCoRD', path='./data/SuperGLUE/ReCoRD/val.jsonl',
         reader_cfg=ReCoRD_reader_cfg, infer_cfg=ReCoRD_infer_cfg, eval_cfg=ReCoRD_eval_cfg)
]
