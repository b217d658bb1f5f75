from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('Llama-2-13b-chat-hf', 'meta-llama/Llama-2-13b-chat-hf', tokenizer=_slow, batch_padding=True)
]
