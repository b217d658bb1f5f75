from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import C3Dataset

C3_reader_cfg = reader(['question', 'content', 'choice0', 'choice1', 'choice2', 'choice3', 'choices'], 'label')

_question = '文章：{content}\n问题：{question}'

C3_infer_cfg = rank({
    0: chat(_question, '答案：{choice0}'),
    1: chat(_question, '答案：{choice1}'),
    2: chat(_question, '答案：{choice2}'),
    3: chat(_question, '答案：{choice3}'),
})

C3_eval_cfg = accuracy()

C3_datasets = [
    dict(type=C3Dataset, abbr='C3', path='./data/CLUE/C3/dev_0.json',
         reader_cfg=C3_reader_cfg, infer_cfg=C3_infer_cfg, eval_cfg=C3_eval_cfg)
]
