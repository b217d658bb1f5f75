"""Some types are names in the registry, and the hash of this version covers them as they are."""
from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, prompt, reader
    from ..agieval.subjects import (
        agieval_cloze_sets, agieval_multiple_choices_sets, agieval_single_choice_sets)

from opencompass.datasets import AGIEvalDataset
from opencompass.openicl.icl_inferencer import GLMChoiceInferencer
from opencompass.openicl.icl_retriever import ZeroRetriever

agieval_reader_cfg = reader(['problem_input'], 'label')


def _datasets(type, names, template, inferencer, eval_cfg):
    infer_cfg = dict(ice_template=template, retriever=dict(type=ZeroRetriever), inferencer=inferencer)
    return [
        dict(type=type, path='./data/AGIEval/data/v1/', name=name, abbr=f'agieval-{name}', setting_name='zero-shot',
             reader_cfg=agieval_reader_cfg, infer_cfg=infer_cfg, eval_cfg=eval_cfg)
        for name in names
    ]


_generate = dict(type='GenInferencer')

agieval_datasets = [
    *_datasets(
        AGIEvalDataset, agieval_single_choice_sets,
        prompt({label: f'{{problem_input}} {label}' for label in 'ABCD'}),
        dict(type=GLMChoiceInferencer, choices=['A', 'B', 'C', 'D']), accuracy()),
    *_datasets(
        'AGIEvalDataset_v2', agieval_multiple_choices_sets,
        prompt(chat('{question}\n{options}\n答案是： '), ice_token='</E>'),
        _generate, dict(accuracy(), pred_postprocessor=dict(type='first-capital-multi'))),
    *_datasets(
        AGIEvalDataset, agieval_cloze_sets, prompt('</E>{problem_input}', ice_token='</E>'),
        _generate, dict(evaluator=dict(type='AGIEvalEvaluator'))),
]
