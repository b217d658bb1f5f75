from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader
    from .mdl import with_mdl

from opencompass.datasets import commonsenseqaDataset

commonsenseqa_reader_cfg = reader(['question', 'A', 'B', 'C', 'D', 'E'], 'answerKey', test_split='validation')

_begin = [dict(role='SYSTEM', fallback_role='HUMAN', prompt='Answer the following question:'), '</E>']

commonsenseqa_infer_cfg = with_mdl(rank({
    label: chat('{question}', f'{{{label}}}', begin=_begin) for label in 'ABCDE'
}))

commonsenseqa_eval_cfg = accuracy()

commonsenseqa_datasets = [
    dict(type=commonsenseqaDataset, path='commonsense_qa',
         reader_cfg=commonsenseqa_reader_cfg, infer_cfg=commonsenseqa_infer_cfg, eval_cfg=commonsenseqa_eval_cfg)
]
