from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('mpt-instruct-7b-hf', 'mosaicml/mpt-7b-instruct', tokenizer=dict(_remote, use_fast=True),
       model=dict(_remote, max_seq_len=4096, revision='68e1a8e0ebb9b30f3c45c1ef6195980f29063ae2'))
]
