from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import eprstmtDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

eprstmt_reader_cfg = reader(['sentence'], 'label', test_split='train')

eprstmt_infer_cfg = generate(chat(
    '内容： "{sentence}"。请对上述内容进行情绪分类。\nA. 积极\nB. 消极\n请从”A“，”B“中进行选择。\n'
    '答：'
))

eprstmt_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

eprstmt_datasets = [
    dict(abbr=f'eprstmt-{split}', type=eprstmtDataset_V2, path=f'./data/FewCLUE/eprstmt/{file}.json',
         reader_cfg=eprstmt_reader_cfg, infer_cfg=eprstmt_infer_cfg, eval_cfg=eprstmt_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
