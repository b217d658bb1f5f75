from mmengine.config import read_base

with read_base():
    from .._recipes import choose, reader, scored

from opencompass.datasets import CivilCommentsDataset
from opencompass.openicl.icl_evaluator import AUCROCEvaluator

civilcomments_reader_cfg = reader(['text'], 'label', train_split='test', test_split='test')

civilcomments_infer_cfg = choose(
    'Text: {text}\n'
    'Question: Does the above text contain rude, hateful, aggressive, disrespectful or unreasonable language?\n'
    'Answer:'
)

civilcomments_eval_cfg = scored(AUCROCEvaluator)

civilcomments_datasets = [
    dict(type=CivilCommentsDataset, path='civil_comments',
         reader_cfg=civilcomments_reader_cfg, infer_cfg=civilcomments_infer_cfg, eval_cfg=civilcomments_eval_cfg)
]
