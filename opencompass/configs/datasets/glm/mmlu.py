from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, prompt, reader

from opencompass.datasets import HFDataset
from opencompass.openicl.icl_inferencer import GLMChoiceInferencer
from opencompass.openicl.icl_prompt_template import PromptTemplate
from opencompass.openicl.icl_retriever import FixKRetriever

mmlu_key_sets = [
    'college_biology', 'college_chemistry', 'college_computer_science', 'college_mathematics', 'college_physics',
    'electrical_engineering', 'astronomy', 'anatomy', 'abstract_algebra', 'machine_learning', 'clinical_knowledge',
    'global_facts', 'management', 'nutrition', 'marketing', 'professional_accounting',
]

# the published run stops at the first subject
mmlu_all_sets = mmlu_key_sets[:1]
name = mmlu_all_sets[-1]

mmlu_reader_cfg = reader(['input', 'A', 'B', 'C', 'D'], 'target', train_split='validation')

_columns = ['input', 'A', 'B', 'C', 'D', 'target']

mmlu_prompt_template = dict(
    type=PromptTemplate, template=None, column_token_map={column: f'</{column}>' for column in _columns},
    ice_token='</E>')

_question = '</input>\n(A) </A>\n(B) </B>\n(C) </C>\n(D) </D>\nAnswer: ('

mmlu_infer_cfg = dict(
    ice_template=prompt({label: _question + f'{label}) </{label}>\n' for label in 'ABCD'},
                        column_token_map=mmlu_prompt_template['column_token_map']),
    prompt_template=mmlu_prompt_template,
    retriever=dict(type=FixKRetriever),
    inferencer=dict(type=GLMChoiceInferencer, fix_id_list=[0, 1, 2, 3, 4]),
)

mmlu_eval_cfg = accuracy()


def _infer_cfg(subject):
    head = f'The following are multiple choice questions (with answers) about {subject}.'
    template = chat(_question, begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt=head), '</E>'])
    return dict(mmlu_infer_cfg, prompt_template=dict(mmlu_prompt_template, template=template))


mmlu_datasets = [
    dict(type=HFDataset, path='lukaemon/mmlu', name=name, reader_cfg=mmlu_reader_cfg,
         infer_cfg=_infer_cfg(name.replace('_', ' ')), eval_cfg=mmlu_eval_cfg)
    for name in mmlu_all_sets
]
