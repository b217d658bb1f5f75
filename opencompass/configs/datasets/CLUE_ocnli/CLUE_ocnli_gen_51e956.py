from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import cmnliDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

ocnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label')

ocnli_infer_cfg = generate(chat(
    '阅读文章：{sentence1}\n根据上文，回答如下问题：{sentence2}\nA. 对\nB. 错\n'
    'C. 可能\n请从“A”，“B”，“C”中进行选择。\n答：'
))

ocnli_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

ocnli_datasets = [
    dict(abbr='ocnli', type=cmnliDataset_V2, path='./data/CLUE/OCNLI/dev.json',
         reader_cfg=ocnli_reader_cfg, infer_cfg=ocnli_infer_cfg, eval_cfg=ocnli_eval_cfg)
]
