from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('moss-moon-003-sft-hf', 'fnlp/moss-moon-003-sft', tokenizer=_remote,
       model=dict(_remote, revision='7119d446173035561f40977fb9cb999995bb7517'))
]
