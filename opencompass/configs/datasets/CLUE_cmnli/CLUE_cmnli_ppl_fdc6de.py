from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

cmnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

_question = '语句一：“{sentence1}”\n语句二：“{sentence2}”\n请问这两句话是什么关系？'

cmnli_infer_cfg = rank({
    'contradiction': chat(_question, '矛盾'),
    'entailment': chat(_question, '蕴含'),
    'neutral': chat(_question, '无关'),
})

cmnli_eval_cfg = accuracy()

cmnli_datasets = [
    dict(type=HFDataset, abbr='cmnli', path='json', split='train',
         data_files='./data/CLUE/cmnli/cmnli_public/dev.json',
         reader_cfg=cmnli_reader_cfg, infer_cfg=cmnli_infer_cfg, eval_cfg=cmnli_eval_cfg)
]
