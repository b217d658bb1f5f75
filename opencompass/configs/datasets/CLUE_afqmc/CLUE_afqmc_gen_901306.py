from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import AFQMCDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

afqmc_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

afqmc_infer_cfg = generate(chat(
    '语句一：“{sentence1}”\n语句二：“{sentence2}”\n'
    '语句一与语句二是关于蚂蚁金融产品的疑问，两者所询问的内容是否完全一致？\n'
    'A. 不完全一致\nB. 完全一致\n请从“A”，“B”中进行选择。\n答：'
))

afqmc_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

afqmc_datasets = [
    dict(abbr='afqmc-dev', type=AFQMCDataset_V2, path='./data/CLUE/AFQMC/dev.json',
         reader_cfg=afqmc_reader_cfg, infer_cfg=afqmc_infer_cfg, eval_cfg=afqmc_eval_cfg)
]
