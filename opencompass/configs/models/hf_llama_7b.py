from mmengine.config import read_base

with read_base():
    from ._recipes import hf, slow as _slow

models = [
    hf('llama-7b', 'meta-llama/Llama-2-7b-hf', tokenizer_path='meta-llama/Llama-2-7b', tokenizer=_slow, batch_size=16,
       batch_padding=True),
    hf('llama-7b-chat', 'meta-llama/Llama-2-7b-chat-hf', tokenizer=_slow, batch_size=16, batch_padding=True)
]
