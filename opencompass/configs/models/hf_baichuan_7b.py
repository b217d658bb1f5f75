from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote, slow as _slow

models = [
    hf('baichuan-7b', 'baichuan-inc/Baichuan-7B', tokenizer={**_remote, **_slow}, model=_remote, batch_size=16,
       batch_padding=True)
]
