from mmengine.config import read_base

with read_base():
    from .._recipes import prompt, reader, scored

from opencompass.datasets import NQEvaluator, NaturalQuestionDataset
from opencompass.openicl.icl_inferencer import GenInferencer
from opencompass.openicl.icl_retriever import ZeroRetriever

nq_reader_cfg = reader(['question'], 'answer', train_split='test')

nq_infer_cfg = dict(
    ice_template=prompt('Q: </Q>?\nA: </A>', column_token_map=dict(question='</Q>', answer='</A>')),
    prompt_template=prompt(
        '</E>Question: </Q>? Answer: ',
        column_token_map=dict(question='</Q>', answer='</A>'),
        ice_token='</E>',
    ),
    retriever=dict(type=ZeroRetriever),
    inferencer=dict(type=GenInferencer),
)

nq_eval_cfg = scored(NQEvaluator)

nq_datasets = [
    dict(type=NaturalQuestionDataset, abbr='nq', path='./data/nq/',
         reader_cfg=nq_reader_cfg, infer_cfg=nq_infer_cfg, eval_cfg=nq_eval_cfg)
]
