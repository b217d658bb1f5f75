from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, prompt, reader

from opencompass.datasets import CslDataset
from opencompass.openicl.icl_inferencer import GLMChoiceInferencer
from opencompass.openicl.icl_retriever import ZeroRetriever

csl_reader_cfg = reader(['abst', 'keywords'], 'label')

csl_infer_cfg = dict(
    ice_template=prompt({0: '</E>摘要：</A>', 1: '</E>摘要：</A>关键词：</K>'}, column_token_map=dict(abst='</A>', keywords='</K>'), ice_token='</E>'),
    prompt_template=prompt(
        '</E>Abstract: </A>\n'
        'Keyword: </K>\n'
        ' Does all keywords come from the given abstract? (Yes or No)',
        column_token_map=dict(abst='</A>', keywords='</K>'),
        ice_token='</E>',
    ),
    retriever=dict(type=ZeroRetriever),
    inferencer=dict(type=GLMChoiceInferencer, choices=['No', 'Yes']),
)

csl_eval_cfg = accuracy()

csl_datasets = [
    dict(type=CslDataset, path='json', abbr='csl', data_files='./data/FewCLUE/csl/test_public.json', split='train',
         reader_cfg=csl_reader_cfg, infer_cfg=csl_infer_cfg, eval_cfg=csl_eval_cfg)
]
