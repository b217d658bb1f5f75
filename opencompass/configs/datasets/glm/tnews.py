from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, prompt, reader
    from ..FewCLUE_tnews.labels import tnews_labels

from opencompass.datasets import TNewsDataset
from opencompass.openicl.icl_inferencer import GLMChoiceInferencer
from opencompass.openicl.icl_retriever import ZeroRetriever

tnews_reader_cfg = reader('sentence', 'label_desc2')

_tokens = dict(column_token_map=dict(sentence='</S>'), ice_token='</E>')

tnews_infer_cfg = dict(
    ice_template=prompt({label: f'</E></S>这篇新闻属于：{label}' for label in tnews_labels}, **_tokens),
    prompt_template=prompt('</E></S>\n以上这篇新闻属于', **_tokens),
    retriever=dict(type=ZeroRetriever),
    inferencer=dict(type=GLMChoiceInferencer, choices=tnews_labels),
)

tnews_eval_cfg = accuracy()

tnews_datasets = [
    dict(type=TNewsDataset, abbr='tnews', path='json', data_files='./data/FewCLUE/tnews/test_public.json',
         split='train', reader_cfg=tnews_reader_cfg, infer_cfg=tnews_infer_cfg, eval_cfg=tnews_eval_cfg)
]
