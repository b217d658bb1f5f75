from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

afqmc_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = 'I received the questions "{sentence1}" and "{sentence2}". Are they '

afqmc_infer_cfg = rank({0: _question + 'duplicates?[MASK]no', 1: _question + 'duplicates?[MASK]yes'})

afqmc_eval_cfg = accuracy()

afqmc_datasets = [
    dict(type=HFDataset, abbr='afqmc', path='json', data_files='./data/CLUE/AFQMC/test_public.json', split='train',
         reader_cfg=afqmc_reader_cfg, infer_cfg=afqmc_infer_cfg, eval_cfg=afqmc_eval_cfg)
]
