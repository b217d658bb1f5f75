from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import CslDataset

csl_reader_cfg = reader(['abst', 'keywords'], 'label')

csl_infer_cfg = rank({0: '摘要：{abst}', 1: '摘要：{abst}\n关键词：{keywords}'})

csl_eval_cfg = accuracy()

csl_datasets = [
    dict(type=CslDataset, path='json', abbr=f'csl_{split}', data_files=f'./data/FewCLUE/csl/{file}.json',
         split='train',
         reader_cfg=csl_reader_cfg, infer_cfg=csl_infer_cfg, eval_cfg=csl_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
