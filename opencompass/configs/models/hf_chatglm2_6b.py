from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

from opencompass.models import HuggingFace

models = [
    hf('chatglm2-6b', 'THUDM/chatglm2-6b', type=HuggingFace, tokenizer=_remote, model=_remote, batch_size=16,
       batch_padding=True)
]
