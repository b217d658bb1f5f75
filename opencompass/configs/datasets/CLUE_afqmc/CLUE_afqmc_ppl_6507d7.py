from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

afqmc_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = (
    '语句一：“{sentence1}”\n'
    '语句二：“{sentence2}”\n'
    '语句一与语句二是关于蚂蚁金融产品的疑问，两者所询问的内容是否完全一致？'
)

afqmc_infer_cfg = rank({0: chat(_question, '不完全一致'), 1: chat(_question, '完全一致')})

afqmc_eval_cfg = accuracy()

afqmc_datasets = [
    dict(type=HFDataset, abbr='afqmc-dev', path='json', data_files='./data/CLUE/AFQMC/dev.json', split='train',
         reader_cfg=afqmc_reader_cfg, infer_cfg=afqmc_infer_cfg, eval_cfg=afqmc_eval_cfg)
]
