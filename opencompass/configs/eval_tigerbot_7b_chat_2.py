from mmengine.config import read_base

with read_base():
    from .datasets.collections.tigerbot_chat_2 import *
    from .models._recipes import hf, remote as _remote, tigerbot_meta_template as _meta_template

models = [
    hf('tigerbot-7b-2', 'TigerResearch/tigerbot-7b-chat', tokenizer=_remote, model=_remote, max_out_len=200,
       batch_size=16, batch_padding=True, meta_template=_meta_template)
]
