from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('llama-65b-hf', 'decapoda-research/llama-65b-hf', tokenizer=_slow, gpus=8, batch_padding=False)
]
