from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, rank, reader

from opencompass.datasets import CHIDDataset

chid_reader_cfg = reader(
    ['content0', 'content1', 'content2', 'content3', 'content4', 'content5', 'content6'],
    'answer',
)

chid_infer_cfg = rank({
    0: '{content0}',
    1: '{content1}',
    2: '{content2}',
    3: '{content3}',
    4: '{content4}',
    5: '{content5}',
    6: '{content6}',
})

chid_eval_cfg = accuracy()

chid_datasets = [
    dict(type=CHIDDataset, path='json', abbr='chid', data_files='./data/FewCLUE/chid/test_public.json', split='train',
         reader_cfg=chid_reader_cfg, infer_cfg=chid_infer_cfg, eval_cfg=chid_eval_cfg)
]
