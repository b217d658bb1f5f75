from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('llama-2-7b-hf', 'meta-llama/Llama-2-7b-hf', tokenizer=_slow, batch_padding=False)
]
