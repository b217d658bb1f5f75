from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, few_shot, generate, reader
    from .subjects import mmlu_all_sets

from opencompass.datasets import MMLUDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

mmlu_reader_cfg = reader(['input', 'A', 'B', 'C', 'D'], 'target', train_split='dev')

mmlu_eval_cfg = accuracy(first_capital_postprocess)

_question = '{input}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer:'


def _infer_cfg(subject):
    head = f'The following are multiple choice questions (with answers) about  {subject}.\n\n</E>'
    return few_shot(generate(head + _question), _question + ' {target}\n')


mmlu_datasets = [
    dict(abbr=f'lukaemon_mmlu_{name}', type=MMLUDataset, path='./data/mmlu/', name=name,
         reader_cfg=mmlu_reader_cfg, eval_cfg=mmlu_eval_cfg, infer_cfg=_infer_cfg(name.replace('_', ' ')))
    for name in mmlu_all_sets
]

mmlu_infer_cfg = mmlu_datasets[-1]['infer_cfg']
