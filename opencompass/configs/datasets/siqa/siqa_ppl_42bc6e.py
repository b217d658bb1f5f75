from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

siqa_reader_cfg = reader(['context', 'question', 'answerA', 'answerB', 'answerC'], 'label', test_split='validation')

_question = 'The following makes sense:\n {context} \nQ: {question}\nA: '

siqa_infer_cfg = rank({1: _question + '{answerA}', 2: _question + '{answerB}', 3: _question + '{answerC}'})

siqa_eval_cfg = accuracy()

siqa_datasets = [
    dict(abbr='siqa', type=HFDataset, path='social_i_qa',
         reader_cfg=siqa_reader_cfg, infer_cfg=siqa_infer_cfg, eval_cfg=siqa_eval_cfg)
]
