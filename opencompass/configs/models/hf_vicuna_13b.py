from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('vicuna-13b-hf', 'lmsys/vicuna-13b-v1.3', tokenizer=_slow, gpus=2, batch_padding=False)
]
