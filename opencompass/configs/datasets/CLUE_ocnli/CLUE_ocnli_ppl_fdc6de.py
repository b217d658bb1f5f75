from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

ocnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label')

_question = '语句一：“{sentence1}”\n语句二：“{sentence2}”\n请问这两句话是什么关系？'

ocnli_infer_cfg = rank({
    'contradiction': chat(_question, '矛盾'),
    'entailment': chat(_question, '蕴含'),
    'neutral': chat(_question, '无关'),
})

ocnli_eval_cfg = accuracy()

ocnli_datasets = [
    dict(type=HFDataset, abbr='ocnli', path='json', split='train', data_files='./data/CLUE/OCNLI/dev.json',
         reader_cfg=ocnli_reader_cfg, infer_cfg=ocnli_infer_cfg, eval_cfg=ocnli_eval_cfg)
]
