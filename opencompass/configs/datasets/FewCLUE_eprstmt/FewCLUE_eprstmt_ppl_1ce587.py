from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

eprstmt_reader_cfg = reader(['sentence'], 'label', test_split='train')

eprstmt_infer_cfg = rank({
    'Negative': ' 内容： "{sentence}"。情绪分类：消极。',
    'Positive': ' 内容： "{sentence}"。情绪分类：积极。',
})

eprstmt_eval_cfg = accuracy()

eprstmt_datasets = [
    dict(type=HFDataset, abbr=f'eprstmt-{split}', path='json', data_files=f'./data/FewCLUE/eprstmt/{file}.json',
         split='train',
         reader_cfg=eprstmt_reader_cfg, infer_cfg=eprstmt_infer_cfg, eval_cfg=eprstmt_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
