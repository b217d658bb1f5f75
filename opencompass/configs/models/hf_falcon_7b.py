from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('falcon-7b-hf', 'tiiuae/falcon-7b', tokenizer=_remote,
       model=dict(_remote, revision='2f5c3cd4eace6be6c0f12981f377fb35e5bf6ee5'))
]
