from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('Llama-2-7b-chat-hf', 'meta-llama/Llama-2-7b-chat-hf', tokenizer=_slow, batch_size=32, batch_padding=True)
]
