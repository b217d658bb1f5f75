from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, few_shot, generate, reader
    from .subjects import mmlu_all_sets

from opencompass.datasets import MMLUDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

mmlu_reader_cfg = reader(['input', 'A', 'B', 'C', 'D'], 'target', train_split='dev')

mmlu_eval_cfg = accuracy(first_capital_postprocess)

# the hash of this version covers the short type name
mmlu_prompt_template = dict(type='PromptTemplate', template=None, ice_token='</E>')

_question = '{input}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer: '

mmlu_infer_cfg = dict(few_shot(generate(None), chat(_question, '{target}\n')), prompt_template=mmlu_prompt_template)


def _infer_cfg(subject):
    head = f'The following are multiple choice questions (with answers) about {subject}.'
    template = chat(_question, begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt=head), '</E>'])
    return dict(mmlu_infer_cfg, prompt_template=dict(mmlu_prompt_template, template=template))


mmlu_datasets = [
    dict(abbr=f'lukaemon_mmlu_{name}', type=MMLUDataset, path='./data/mmlu/', name=name,
         reader_cfg=mmlu_reader_cfg, eval_cfg=mmlu_eval_cfg, infer_cfg=_infer_cfg(name.replace('_', ' ')))
    for name in mmlu_all_sets
]
