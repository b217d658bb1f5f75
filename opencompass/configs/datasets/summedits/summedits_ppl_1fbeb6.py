from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

summedits_reader_cfg = reader(['doc', 'summary'], 'label', test_split='train')

summedits_infer_cfg = rank({
    0: chat('\nDocument:\n{doc}\nSummary:\n{summary}\nIs the summary factually consistent with the document? ', 'No'),
    1: chat('Document:\n{doc}\nSummary:\n{summary}\nIs the summary factually consistent with the document? ', 'Yes'),
})

summedits_eval_cfg = accuracy()

summedits_datasets = [
    dict(type=HFDataset, abbr='summedits', path='json', split='train', data_files='./data/summedits/summedits.jsonl',
         reader_cfg=summedits_reader_cfg, infer_cfg=summedits_infer_cfg, eval_cfg=summedits_eval_cfg)
]
