from mmengine.config import read_base

with read_base():
    from .._recipes import prompt, reader, scored

from opencompass.datasets import TriviaQADataset, TriviaQAEvaluator
from opencompass.openicl.icl_inferencer import GenInferencer
from opencompass.openicl.icl_retriever import ZeroRetriever

triviaqa_reader_cfg = reader(['question'], 'answer', train_split='dev', test_split='dev')

triviaqa_infer_cfg = dict(
    ice_template=prompt('Q: </Q>\nA: </A>', column_token_map=dict(question='</Q>', answer='</A>')),
    prompt_template=prompt(
        '</E>Question: </Q> Answer:',
        column_token_map=dict(question='</Q>', answer='</A>'),
        ice_token='</E>',
    ),
    retriever=dict(type=ZeroRetriever),
    inferencer=dict(type=GenInferencer, max_out_len=50),
)

triviaqa_eval_cfg = scored(TriviaQAEvaluator)

triviaqa_datasets = [
    dict(type=TriviaQADataset, abbr='triviaqa', path='./data/triviaqa/',
         reader_cfg=triviaqa_reader_cfg, infer_cfg=triviaqa_infer_cfg, eval_cfg=triviaqa_eval_cfg)
]
