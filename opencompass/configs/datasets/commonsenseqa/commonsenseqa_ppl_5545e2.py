from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader
    from .mdl import with_mdl

from opencompass.datasets import commonsenseqaDataset

commonsenseqa_reader_cfg = reader(['question', 'A', 'B', 'C', 'D', 'E'], 'answerKey', test_split='validation')

commonsenseqa_infer_cfg = with_mdl(rank({
    label: chat('Question: {question}\nAnswer: ', f'{{{label}}}', begin='</E>') for label in 'ABCDE'
}))

commonsenseqa_eval_cfg = accuracy()

commonsenseqa_datasets = [
    dict(type=commonsenseqaDataset, path='commonsense_qa',
         reader_cfg=commonsenseqa_reader_cfg, infer_cfg=commonsenseqa_infer_cfg, eval_cfg=commonsenseqa_eval_cfg)
]
