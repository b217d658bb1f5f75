from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader
    from .labels import tnews_labels

from opencompass.datasets import TNewsDataset

tnews_reader_cfg = reader('sentence', 'label_desc2')

tnews_infer_cfg = rank({label: chat('{sentence}\n上述内容属于什么新闻？', label) for label in tnews_labels})

tnews_eval_cfg = accuracy()

tnews_datasets = [
    dict(type=TNewsDataset, abbr=f'tnews-{split}', path='json', data_files=f'./data/FewCLUE/tnews/{file}.json',
         split='train', reader_cfg=tnews_reader_cfg, infer_cfg=tnews_infer_cfg, eval_cfg=tnews_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
