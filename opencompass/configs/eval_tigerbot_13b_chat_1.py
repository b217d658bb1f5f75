from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_chat_1 import *
    from .models._recipes import hf, remote as _remote

models = [
    hf('tigerbot-13b-chat', 'TigerResearch/tigerbot-13b-chat',
       tokenizer=dict(_remote, cache_dir=None, padding=True, truncation=True, add_bos_token=False), model=_remote,
       batch_size=4, batch_padding=True)
]
