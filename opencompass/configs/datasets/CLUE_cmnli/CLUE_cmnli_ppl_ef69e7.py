from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import HFDataset

cmnli_reader_cfg = reader(['sentence1', 'sentence2'], 'label', test_split='train')

cmnli_infer_cfg = rank({
    'contradiction': chat('阅读文章：{sentence1}\n根据上文，回答如下问题：{sentence2}？', '错'),
    'entailment': chat('阅读文章：{sentence1}\n根据上文，回答如下问题：{sentence2}？', '对'),
    'neutral': chat('如果{sentence1}为真，那么{sentence2}也为真吗？', '可能'),
})

cmnli_eval_cfg = accuracy()

cmnli_datasets = [
    dict(type=HFDataset, abbr='cmnli', path='json', split='train',
         data_files='./data/CLUE/cmnli/cmnli_public/dev.json',
         reader_cfg=cmnli_reader_cfg, infer_cfg=cmnli_infer_cfg, eval_cfg=cmnli_eval_cfg)
]
