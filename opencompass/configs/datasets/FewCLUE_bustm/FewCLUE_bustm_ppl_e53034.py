from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

bustm_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = '语句一：“{sentence1}”\n语句二：“{sentence2}”\n请判断语句一和语句二说的是否是一个意思？'

bustm_infer_cfg = rank({0: chat(_question, '两句话说的毫不相关。'), 1: chat(_question, '两句话说是的一个意思。')})

bustm_eval_cfg = accuracy()

bustm_datasets = [
    dict(type=HFDataset, abbr=f'bustm-{split}', path='json', data_files=f'./data/FewCLUE/bustm/{file}.json',
         split='train',
         reader_cfg=bustm_reader_cfg, infer_cfg=bustm_infer_cfg, eval_cfg=bustm_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
