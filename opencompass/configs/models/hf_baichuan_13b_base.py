from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote, slow as _slow

models = [
    hf('baichuan-13b-base-hf', 'baichuan-inc/Baichuan-13B-Base', tokenizer={**_remote, **_slow}, model=_remote)
]
