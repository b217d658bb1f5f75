from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import C3Dataset

C3_reader_cfg = reader(['question', 'content', 'choice0', 'choice1', 'choice2', 'choice3', 'choices'], 'label')

_question = (
    '阅读以下内容,选择合适的选项回答: {content} 问题：{question}\n'
    ' 选项: -{choice0} -{choice1} -{choice2} -{choice3} 答: '
)

C3_infer_cfg = rank({
    0: _question + '[MASK]-{choice0}',
    1: _question + '[MASK]-{choice1}',
    2: _question + '[MASK]-{choice2}',
    3: _question + '[MASK]-{choice3}',
})

C3_eval_cfg = accuracy()

C3_datasets = [
    dict(type=C3Dataset, abbr='C3', path='./data/CLUE/C3/dev_0.json',
         reader_cfg=C3_reader_cfg, infer_cfg=C3_infer_cfg, eval_cfg=C3_eval_cfg)
]
