from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('vicuna-7b-hf', 'lmsys/vicuna-7b-v1.3', tokenizer=_slow, batch_padding=False)
]
