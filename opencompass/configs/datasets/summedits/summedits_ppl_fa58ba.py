from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import HFDataset

summedits_reader_cfg = reader(['doc', 'summary'], 'label', test_split='train')

summedits_prompt = (
    '\n'
    'Given the document below, you have to determine if "Yes" or "No", the summary is factually consistent with '
    'the document.\nDocument:\n{doc}\nSummary:\n{summary}\n'
    'Is the summary factually consistent with the document?\n'
)

summedits_infer_cfg = rank({0: summedits_prompt + 'Answer: No.', 1: summedits_prompt + 'Answer: Yes.'})

summedits_eval_cfg = accuracy()

summedits_datasets = [
    dict(type=HFDataset, abbr='summedits', path='json', split='train', data_files='./data/summedits/summedits.jsonl',
         reader_cfg=summedits_reader_cfg, infer_cfg=summedits_infer_cfg, eval_cfg=summedits_eval_cfg)
]
