from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import NQEvaluator, NaturalQuestionDataset

nq_reader_cfg = reader(['question'], 'answer', train_split='test')

nq_infer_cfg = generate(chat(
    'Question: who sings does he love me with reba?',
    'Answer: Linda Davis\n',
    'Question: how many pages is invisible man by ralph ellison?',
    'Answer: 581 ( second edition )\n',
    'Question: where do the great lakes meet the ocean?',
    'Answer: the Saint Lawrence River\n',
    'Question: when does the new my hero academia movie come out?',
    'Answer: July 5 , 2018\n',
    'Question: what is the smallest prime number that is greater than 30?',
    'Answer: 31\n',
    'Question: {question}?\n'
    'Answer: ',
))

nq_eval_cfg = scored(NQEvaluator, pred_role='BOT')

nq_datasets = [
    dict(type=NaturalQuestionDataset, abbr='nq', path='./data/nq/',
         reader_cfg=nq_reader_cfg, infer_cfg=nq_infer_cfg, eval_cfg=nq_eval_cfg)
]
