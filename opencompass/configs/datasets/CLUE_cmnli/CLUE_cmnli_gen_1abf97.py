from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import cmnliDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

cmnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

cmnli_infer_cfg = generate(chat(
    '语句一：“{sentence1}”\n语句二：“{sentence2}”\n请问这两句话是什么关系？\nA. 蕴含\n'
    'B. 矛盾\nC. 无关\n请从“A”，“B”，“C”中进行选择。\n答：'
))

cmnli_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

cmnli_datasets = [
    dict(abbr='cmnli', type=cmnliDataset_V2, path='./data/CLUE/cmnli/cmnli_public/dev.json',
         reader_cfg=cmnli_reader_cfg, infer_cfg=cmnli_infer_cfg, eval_cfg=cmnli_eval_cfg)
]
