from mmengine.config import read_base

with read_base():
    from .._recipes import chat, few_shot, generate, reader, scored
    from .languages import flores_lang_map, flores_pairs as _pairs

from opencompass.datasets import FloresFirst100Dataset
from opencompass.openicl.icl_evaluator import BleuEvaluator
from opencompass.openicl.icl_retriever import TopkRetriever

flores_eval_cfg = scored(BleuEvaluator, pred_role='BOT')

# by their registered name, as in the published version
_chinese_eval_cfg = dict(
    flores_eval_cfg, pred_postprocessor=dict(type='flores'), dataset_postprocessor=dict(type='flores'))


def _dataset(source, target):
    (name, code, language), (into_name, into_code, into_language) = source, target
    template = chat(
        f'Translate the following {language} statements to {into_language}.\n{{sentence_{code}}}',
        f'{{sentence_{into_code}}}',
        begin='</E>')
    return dict(
        type=FloresFirst100Dataset, abbr=f'flores_100_{name}-{into_name}', name=f'{code}-{into_code}',
        reader_cfg=reader(f'sentence_{code}', f'sentence_{into_code}', train_split='dev', test_split='devtest'),
        infer_cfg=few_shot(generate(template), retriever=dict(type=TopkRetriever, ice_num=8)),
        eval_cfg=_chinese_eval_cfg if into_name == 'zho_simpl' else flores_eval_cfg)


flores_datasets = [_dataset(source, target) for source, target in _pairs]

flores_infer_cfg = flores_datasets[-1]['infer_cfg']
