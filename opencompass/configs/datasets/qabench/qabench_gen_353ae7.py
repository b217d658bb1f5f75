from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader

from opencompass.datasets import HFDataset

qabench_reader_cfg = reader(['prompt'], 'reference')

qabench_infer_cfg = generate(chat('{prompt}'))

# people or a judging model score the answers
qabench_datasets = [
    dict(type=HFDataset, path='csv', data_files='./data/qabench/qabench-test.qa.csv', abbr='qabench', split='train',
         reader_cfg=qabench_reader_cfg, infer_cfg=qabench_infer_cfg, eval_cfg=dict(ds_column='reference'))
]
