from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import siqaDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

siqa_reader_cfg = reader(['context', 'question', 'answerA', 'answerB', 'answerC'], 'label', test_split='validation')

siqa_infer_cfg = generate(chat('{context}\nQuestion: {question}\nA. {answerA}\nB. {answerB}\nC. {answerC}\nAnswer:'))

siqa_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

siqa_datasets = [
    dict(abbr='siqa', type=siqaDataset_V2, path='social_i_qa',
         reader_cfg=siqa_reader_cfg, infer_cfg=siqa_infer_cfg, eval_cfg=siqa_eval_cfg)
]
