from mmengine.config import read_base

with read_base():
    from ._recipes import hf

models = [hf('tigerbot-nano-base', '../assets/tigerbot-nano/base', model=dict(torch_dtype='float32'), gpus=0,
             max_seq_len=1024, batch_size=16)]
