from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('moss-moon-003-base-hf', 'fnlp/moss-moon-003-base', tokenizer=_remote,
       model=dict(_remote, revision='5e406ca0ebbdea11cc3b12aa5932995c692568ac'))
]
