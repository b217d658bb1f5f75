from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('tigerbot-13b-base', 'TigerResearch/tigerbot-13b-base',
       tokenizer=dict(_remote, cache_dir=None, padding=True, truncation=True, add_bos_token=False, add_eos_token=False),
       model=_remote, max_seq_len=1024, batch_padding=True)
]
