from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote, slow as _slow

models = [
    hf('internlm-7b-hf', 'internlm/internlm-7b', tokenizer={**_remote, **_slow}, model=_remote)
]
