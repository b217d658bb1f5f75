from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

from opencompass.models import HuggingFace

models = [
    hf('chatglm-6b-hf', 'THUDM/chatglm-6b', type=HuggingFace, tokenizer=_remote,
       model=dict(_remote, revision='1d240ba371910e9282298d4592532d7f0f3e9f3e'))
]
