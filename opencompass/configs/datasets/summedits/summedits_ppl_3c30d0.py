from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

summedits_reader_cfg = reader(['doc', 'summary'], 'label', test_split='train')

summedits_prompt1 = (
    "Given the document below, you have to determine if 'Yes' or 'No', the summary is factually consistent with "
    'the document.'
)

summedits_prompt2 = (
    'Document:\n{doc}\nSummary:\n{summary}\n'
    'Is the summary factually consistent with the document? '
)

_begin = [dict(role='SYSTEM', fallback_role='HUMAN', prompt=summedits_prompt1)]

summedits_infer_cfg = rank({
    0: chat(summedits_prompt2, 'No', begin=_begin),
    1: chat(summedits_prompt2, 'Yes', begin=_begin),
})

summedits_eval_cfg = accuracy()

summedits_datasets = [
    dict(type=HFDataset, abbr='summedits', path='json', split='train', data_files='./data/summedits/summedits.jsonl',
         reader_cfg=summedits_reader_cfg, infer_cfg=summedits_infer_cfg, eval_cfg=summedits_eval_cfg)
]
