from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('vicuna-33b-hf', 'lmsys/vicuna-33b-v1.3', tokenizer=_slow, gpus=4, batch_padding=False)
]
