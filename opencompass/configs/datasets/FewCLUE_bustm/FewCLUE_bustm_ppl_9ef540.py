from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

bustm_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

bustm_infer_cfg = rank({
    0: '{sentence1}。\n{sentence2}。\n两句话说的毫不相关。',
    1: '{sentence1}。\n{sentence2}。\n两句话说的一个意思。',
})

bustm_eval_cfg = accuracy()

bustm_datasets = [
    dict(type=HFDataset, abbr=f'bustm-{split}', path='json', data_files=f'./data/FewCLUE/bustm/{file}.json',
         split='train',
         reader_cfg=bustm_reader_cfg, infer_cfg=bustm_infer_cfg, eval_cfg=bustm_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
