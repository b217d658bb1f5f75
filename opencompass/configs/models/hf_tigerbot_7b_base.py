from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('tigerbot-7b-base', 'TigerResearch/tigerbot-7b-base',
       tokenizer=dict(cache_dir=None, padding=True, truncation=True), model=_remote, max_seq_len=1024, batch_size=32,
       batch_padding=True)
]
