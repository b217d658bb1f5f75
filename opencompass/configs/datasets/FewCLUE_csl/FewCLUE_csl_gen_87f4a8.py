from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import CslDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

csl_reader_cfg = reader(['abst', 'keywords'], 'label')

csl_infer_cfg = generate(chat(
    '摘要：{abst}\n关键词：{keywords}\n上述关键词出现在学术期刊中是否恰当？\nA. 否\n'
    'B. 是\n请从”A“，”B“中进行选择。\n答：'
))

csl_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

csl_datasets = [
    dict(abbr=f'csl_{split}', type=CslDataset_V2, path=f'./data/FewCLUE/csl/{file}.json',
         reader_cfg=csl_reader_cfg, infer_cfg=csl_infer_cfg, eval_cfg=csl_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
