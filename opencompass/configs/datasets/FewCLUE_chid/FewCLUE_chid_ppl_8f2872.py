from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, rank, reader

from opencompass.datasets import CHIDDataset

chid_reader_cfg = reader(
    ['content0', 'content1', 'content2', 'content3', 'content4', 'content5', 'content6'],
    'answer',
)

chid_infer_cfg = rank({
    0: chat('以下句子是否通顺？\n{content0}', '这个句子是通顺的。'),
    1: chat('以下句子是否通顺？\n{content1}', '这个句子是通顺的。'),
    2: chat('以下句子是否通顺？\n{content2}', '这个句子是通顺的。'),
    3: chat('以下句子是否通顺？\n{content3}', '这个句子是通顺的。'),
    4: chat('以下句子是否通顺？\n{content4}', '这个句子是通顺的。'),
    5: chat('以下句子是否通顺？\n{content5}', '这个句子是通顺的。'),
    6: chat('以下句子是否通顺？\n{content6}', '这个句子是通顺的。'),
})

chid_eval_cfg = accuracy()

chid_datasets = [
    dict(type=CHIDDataset, path='json', abbr=f'chid-{split}', data_files=f'./data/FewCLUE/chid/{file}.json',
         split='train',
         reader_cfg=chid_reader_cfg, infer_cfg=chid_infer_cfg, eval_cfg=chid_eval_cfg)
    for split, file in [('dev', 'dev_few_all'), ('test', 'test_public')]
]
