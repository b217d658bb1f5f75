from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, few_shot, generate, reader
    from .subjects import mmlu_all_sets

from opencompass.datasets import MMLUDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

mmlu_reader_cfg = reader(['input', 'A', 'B', 'C', 'D'], 'target', train_split='dev')

mmlu_eval_cfg = accuracy(first_capital_postprocess)


def _infer_cfg(subject):
    question = (f'There is a single choice question about {subject}. Answer the question by replying A, B, C or D.\n'
                'Q: {input}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nA: ')
    return few_shot(generate(chat(question, begin='</E>')), chat(question, '{target}\n'))


mmlu_datasets = [
    dict(abbr=f'lukaemon_mmlu_{name}', type=MMLUDataset, path='./data/mmlu/', name=name,
         reader_cfg=mmlu_reader_cfg, eval_cfg=mmlu_eval_cfg, infer_cfg=_infer_cfg(name.replace('_', ' ')))
    for name in mmlu_all_sets
]

mmlu_infer_cfg = mmlu_datasets[-1]['infer_cfg']
