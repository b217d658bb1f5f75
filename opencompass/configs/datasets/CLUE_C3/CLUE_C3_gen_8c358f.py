from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import C3Dataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

C3_reader_cfg = reader(['question', 'content', 'choice0', 'choice1', 'choice2', 'choice3', 'choices'], 'label')

C3_infer_cfg = generate(chat(
    '{content}\n问：{question}\nA. {choice0}\nB. {choice1}\nC. {choice2}\nD. {choice3}\n'
    '请从“A”，“B”，“C”，“D”中进行选择。\n答：'
))

C3_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

C3_datasets = [
    dict(abbr='C3', type=C3Dataset_V2, path='./data/CLUE/C3/dev_0.json',
         reader_cfg=C3_reader_cfg, infer_cfg=C3_infer_cfg, eval_cfg=C3_eval_cfg)
]
