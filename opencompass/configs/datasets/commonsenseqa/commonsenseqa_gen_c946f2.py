from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, generate, reader
    from .mdl import with_mdl

from opencompass.datasets import commonsenseqaDataset
from opencompass.utils.text_postprocessors import first_capital_postprocess

commonsenseqa_reader_cfg = reader(['question', 'A', 'B', 'C', 'D', 'E'], 'answerKey', test_split='validation')

commonsenseqa_infer_cfg = with_mdl(generate(chat(
    '{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nE. {E}\nAnswer:',
    '{answerKey}',
    begin='</E>',
)))

commonsenseqa_eval_cfg = accuracy(first_capital_postprocess)

commonsenseqa_datasets = [
    dict(type=commonsenseqaDataset, path='commonsense_qa',
         reader_cfg=commonsenseqa_reader_cfg, infer_cfg=commonsenseqa_infer_cfg, eval_cfg=commonsenseqa_eval_cfg)
]
