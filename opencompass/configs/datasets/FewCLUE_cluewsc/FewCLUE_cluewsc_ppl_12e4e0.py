from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import CluewscDataset

cluewsc_reader_cfg = reader(['span1', 'span2', 'text', 'new_text'], 'answer')

_question = '{text}\nHere, is the pronoun "{span2}" used to mean "{span1}"?'

cluewsc_infer_cfg = rank({0: chat(_question, 'No.'), 1: chat(_question, 'Yes.')})

cluewsc_eval_cfg = accuracy()

cluewsc_datasets = [
    dict(type=CluewscDataset, path='json', abbr=f'cluewsc-{split}', data_files=f'./data/FewCLUE/cluewsc/{file}.json',
         split='train',
         reader_cfg=cluewsc_reader_cfg, infer_cfg=cluewsc_infer_cfg, eval_cfg=cluewsc_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
