from mmengine.config import read_base

with read_base():
    from .._recipes import chat, generate, reader

from opencompass.datasets import HFDataset

z_bench_reader_cfg = reader(['text'], 'category', train_split='test', ds_size=4)

z_bench_infer_cfg = generate(chat('{text}'))

z_bench_dataset = dict(
    type=HFDataset, path='./data/z_bench', data_dir='./data/z_bench', name='question',
    reader_cfg=z_bench_reader_cfg, infer_cfg=z_bench_infer_cfg)
