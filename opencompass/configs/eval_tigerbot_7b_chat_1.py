from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_chat_1 import *
    from .models._recipes import hf, remote as _remote

models = [
    hf('tigerbot-7b-chat-1', 'TigerResearch/tigerbot-7b-chat', tokenizer=_remote, model=_remote, batch_size=16,
       batch_padding=True)
]
