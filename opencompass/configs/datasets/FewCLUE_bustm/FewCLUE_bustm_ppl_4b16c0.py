from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

bustm_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = '{sentence1}，{sentence2}'

bustm_infer_cfg = rank({
    0: chat(
        _question,
        '两句话说的毫不相关。',
        begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt='请判断以下两句话说的是否是一个意思：')],
    ),
    1: chat(
        _question,
        '两句话说是的一个意思。',
        begin=[dict(role='SYSTEM', fallback_role='HUMAN', prompt='请判断以下两句话说的是否是一个意思：')],
    ),
})

bustm_eval_cfg = accuracy()

bustm_datasets = [
    dict(type=HFDataset, abbr=f'bustm-{split}', path='json', data_files=f'./data/FewCLUE/bustm/{file}.json',
         split='train',
         reader_cfg=bustm_reader_cfg, infer_cfg=bustm_infer_cfg, eval_cfg=bustm_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
