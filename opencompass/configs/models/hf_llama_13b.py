from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('llama2-13b-hf', 'meta-llama/Llama-2-7b-chat-hf', tokenizer=_slow, batch_padding=False)
]
