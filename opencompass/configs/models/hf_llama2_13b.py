from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('llama-2-13b', 'meta-llama/Llama-2-13b-hf', tokenizer=_slow, batch_padding=True),
    hf('llama-2-13b-chat', 'meta-llama/Llama-2-13b-chat-hf', tokenizer=_slow, batch_padding=True)
]
