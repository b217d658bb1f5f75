from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader

from opencompass.datasets import CHIDDataset_V2
from opencompass.utils.text_postprocessors import first_capital_postprocess

chid_reader_cfg = reader(['content', 'A', 'B', 'C', 'D', 'E', 'F', 'G'], 'answer')

chid_infer_cfg = generate(chat(
    '{content}\n请选择______处所填的词\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nE. {E}\nF. {F}\n'
    'G. {G}\n'
    '请从”A“，”B“，”C“，”D“，”E“，”F“，”G“中进行选择。答：'
))

chid_eval_cfg = accuracy(first_capital_postprocess, pred_role='BOT')

chid_datasets = [
    dict(abbr=f'chid-{split}', type=CHIDDataset_V2, path=f'./data/FewCLUE/chid/{file}.json',
         reader_cfg=chid_reader_cfg, infer_cfg=chid_infer_cfg, eval_cfg=chid_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
