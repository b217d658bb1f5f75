from mmengine.config import read_base

with read_base():
    from ._recipes import hf, tigerbot_meta_template

models = [hf('tigerbot-nano-chat', '../assets/tigerbot-nano/chat', model=dict(torch_dtype='float32'), gpus=0,
             max_seq_len=1024, batch_size=16, meta_template=tigerbot_meta_template)]
