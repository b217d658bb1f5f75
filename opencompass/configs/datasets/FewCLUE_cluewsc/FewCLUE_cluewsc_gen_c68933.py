from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import CluewscDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

cluewsc_reader_cfg = reader(['span1', 'span2', 'text', 'new_text'], 'label')

cluewsc_infer_cfg = generate(chat(
    '{text}\n此处，“{span2}”是否指代“{span1}“？\nA. 是\nB. 否\n请从”A“，”B“中进行选择。\n'
    '答：'
))

cluewsc_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

cluewsc_datasets = [
    dict(abbr=f'cluewsc-{split}', type=CluewscDataset_V2, path=f'./data/FewCLUE/cluewsc/{file}.json',
         reader_cfg=cluewsc_reader_cfg, infer_cfg=cluewsc_infer_cfg, eval_cfg=cluewsc_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
