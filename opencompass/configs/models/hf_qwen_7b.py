from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote, slow as _slow

models = [
    hf('qwen-7B', 'Qwen/Qwen-7B', tokenizer={**_remote, **_slow}, model=_remote, batch_size=4),
    hf('qwen-7b-chat', 'Qwen/Qwen-7B-Chat', tokenizer={**_remote, **_slow}, model=_remote, batch_size=4)
]
