from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader
    from .mdl import with_mdl

from opencompass.datasets import commonsenseqaDataset

_reader_cfg = reader(['question', 'A', 'B', 'C', 'D', 'E'], 'answerKey', test_split='validation')

commonsenseqa_infer_cfg = with_mdl(rank({
    label: f'</E>Answer the following question:\n{{question}}\nAnswer: {{{label}}}' for label in 'ABCDE'
}))

commonsenseqa_eval_cfg = accuracy()

commonsenseqa_datasets = [
    dict(type=commonsenseqaDataset, path='commonsense_qa',
         reader_cfg=_reader_cfg, infer_cfg=commonsenseqa_infer_cfg, eval_cfg=commonsenseqa_eval_cfg)
]
