from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import CslDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

csl_reader_cfg = reader(['abst', 'keywords'], 'label')

csl_infer_cfg = generate(chat(
    '摘要是对论文内容不加注释和评论的简短陈述，要求扼要地说明研究工作的目的、研究方法和最终结论等。\n'
    '关键词是一篇学术论文的核心词汇，一般由一系列名词组成。关键词在全文中应有较高出现频率，'
    '且能起到帮助文献检索的作用。\n摘要：{abst}\n关键词：{keywords}\n请问上述关键词是否匹配摘要且符合要求？\n'
    'A. 否\nB. 是\n请从”A“，”B“中进行选择。\n答：'
))

csl_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

csl_datasets = [
    dict(abbr=f'csl_{split}', type=CslDataset_V2, path=f'./data/FewCLUE/csl/{file}.json',
         reader_cfg=csl_reader_cfg, infer_cfg=csl_infer_cfg, eval_cfg=csl_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
