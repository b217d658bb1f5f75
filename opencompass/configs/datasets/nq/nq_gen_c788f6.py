from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader, scored

from opencompass.datasets import NQEvaluator, NaturalQuestionDataset

nq_reader_cfg = reader(['question'], 'answer', train_split='test')

nq_infer_cfg = generate(chat(
    "Answer these questions, your answer should be as simple as possible, start your answer with the prompt 'The "
    "answer is '.\n"
    'Q: {question}?',
    'A:',
))

nq_eval_cfg = scored(NQEvaluator, pred_role='BOT')

nq_datasets = [
    dict(type=NaturalQuestionDataset, abbr='nq', path='./data/nq/',
         reader_cfg=nq_reader_cfg, infer_cfg=nq_infer_cfg, eval_cfg=nq_eval_cfg)
]
