from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote, slow as _slow

models = [
    hf('baichuan-13b-chat', 'baichuan-inc/Baichuan-13B-Chat', tokenizer={**_remote, **_slow}, model=_remote,
       batch_padding=True),
    hf('baichuan-13b-base', 'baichuan-inc/Baichuan-7B', tokenizer={**_remote, **_slow}, model=_remote,
       batch_padding=True)
]
