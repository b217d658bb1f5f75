from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import AFQMCDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

bustm_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

bustm_infer_cfg = generate(chat(
    '语句一：“{sentence1}”\n语句二：“{sentence2}”\n'
    '请判断语句一和语句二说的是否是一个意思？\nA. 无关\nB. 相关\n请从“A”，“B”中进行选择。\n'
    '答：'
))

bustm_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

bustm_datasets = [
    dict(abbr=f'bustm-{split}', type=AFQMCDataset_V2, path=f'./data/FewCLUE/bustm/{file}.json',
         reader_cfg=bustm_reader_cfg, infer_cfg=bustm_infer_cfg, eval_cfg=bustm_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
