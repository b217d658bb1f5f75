"""As 5cfe9e, but where one option is right, the options are ranked; these papers come last."""
from mmengine.config import read_base

with read_base():
    from .._recipes import as_example, chat, rank
    from .GaokaoBench_gen_5cfe9e import GaokaoBench_datasets as _generated


def _is_ranked(paper):
    return paper['eval_cfg']['evaluator']['type'] == 'GaokaoBenchEvaluator_single_choice'


def _ranked(paper):
    [question] = paper['infer_cfg']['ice_template']['template']['round']
    template = {label: chat(question['prompt'], f'【答案】{label} <eoa>') for label in 'ABCD'}
    return dict(paper, infer_cfg=as_example(rank(template)))


GaokaoBench_datasets = [
    *[paper for paper in _generated if not _is_ranked(paper)],
    *[_ranked(paper) for paper in _generated if _is_ranked(paper)],
]
