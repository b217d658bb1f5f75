from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, few_shot, rank, reader
    from .subjects import mmlu_all_sets

from opencompass.datasets import MMLUDataset

mmlu_reader_cfg = reader(['input', 'A', 'B', 'C', 'D'], 'target', train_split='dev')

mmlu_eval_cfg = accuracy()

_question = '{input}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer: '
_examples = {label: f'{_question}{label}\n' for label in 'ABCD'}


def _infer_cfg(subject):
    head = f'The following are multiple choice questions (with answers) about  {subject}.\n\n</E>'
    return few_shot(rank({label: f'{head}{_question}{label}' for label in 'ABCD'}), _examples)


mmlu_datasets = [
    dict(abbr=f'lukaemon_mmlu_{name}', type=MMLUDataset, path='./data/mmlu/', name=name,
         reader_cfg=mmlu_reader_cfg, eval_cfg=mmlu_eval_cfg, infer_cfg=_infer_cfg(name.replace('_', ' ')))
    for name in mmlu_all_sets
]

mmlu_infer_cfg = mmlu_datasets[-1]['infer_cfg']
