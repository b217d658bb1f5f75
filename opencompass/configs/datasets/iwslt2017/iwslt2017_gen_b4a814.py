from mmengine.config import read_base

with read_base():
    from .._recipes import chat, reader, scored

from opencompass.datasets import IWSLT2017Dataset
from opencompass.openicl.icl_evaluator import BleuEvaluator
from opencompass.openicl.icl_inferencer import GenInferencer
from opencompass.openicl.icl_retriever import BM25Retriever
from opencompass.utils.text_postprocessors import general_cn_postprocess

iwslt2017_reader_cfg = reader('en', 'de', train_split='validation')

iwslt2017_infer_cfg = dict(
    ice_template=dict(
        type='PromptTemplate',
        template=chat(
            '{en}',
            '{de}',
            begin=[
                dict(
                    role='SYSTEM',
                    fallback_role='HUMAN',
                    prompt='Please translate the following English statements to German:',
                ),
                '</E>',
            ],
        ),
        ice_token='</E>',
    ),
    retriever=dict(type=BM25Retriever, ice_num=1),
    inferencer=dict(type=GenInferencer),
)

iwslt2017_eval_cfg = scored(BleuEvaluator, general_cn_postprocess, general_cn_postprocess, pred_role='BOT')

iwslt2017_datasets = [
    dict(type=IWSLT2017Dataset, path='iwslt2017', name='iwslt2017-en-de',
         reader_cfg=iwslt2017_reader_cfg, infer_cfg=iwslt2017_infer_cfg, eval_cfg=iwslt2017_eval_cfg)
]
