from mmengine.config import read_base

with read_base():
    from .._recipes import few_shot, generate, reader, scored
    from .languages import flores_lang_map, flores_pairs as _pairs

from opencompass.datasets import FloresFirst100Dataset
from opencompass.openicl.icl_evaluator import BleuEvaluator
from opencompass.openicl.icl_retriever import TopkRetriever


def _eval_cfg(postprocessor):
    """By its registered name, as in the published version."""
    return dict(scored(BleuEvaluator, pred_role='BOT'),
                pred_postprocessor=dict(type=postprocessor), dataset_postprocessor=dict(type=postprocessor))


flores_eval_cfg = _eval_cfg('flores')


def _dataset(source, target):
    (name, code, _), (into_name, into_code, _) = source, target
    template = f'</E>{{sentence_{code}}} = {{sentence_{into_code}}}'
    if name == 'zho_simpl':
        template = f'</E>Chinese: {{sentence_{code}}}\nEnglish: {{sentence_{into_code}}}'
    return dict(
        type=FloresFirst100Dataset, abbr=f'flores_100_{name}-{into_name}', name=f'{code}-{into_code}',
        reader_cfg=reader(f'sentence_{code}', f'sentence_{into_code}', train_split='dev', test_split='devtest'),
        infer_cfg=few_shot(generate(template), retriever=dict(type=TopkRetriever, ice_num=8)),
        eval_cfg=_eval_cfg('flores-chinese') if into_name == 'zho_simpl' else flores_eval_cfg)


flores_datasets = [_dataset(source, target) for source, target in _pairs]

flores_infer_cfg = flores_datasets[-1]['infer_cfg']
