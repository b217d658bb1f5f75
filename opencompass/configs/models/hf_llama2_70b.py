from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('llama-2-70b-hf', 'meta-llama/Llama-2-70b-hf', tokenizer=_slow, gpus=8, batch_padding=False)
]
