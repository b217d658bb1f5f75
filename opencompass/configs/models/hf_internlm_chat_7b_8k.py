from mmengine.config import read_base

with read_base():
    from ._recipes import hf, internlm_meta_template as _internlm_meta_template, remote as _remote, slow as _slow

models = [
    hf('internlm-chat-7b-8k-hf', 'internlm/internlm-chat-7b-8k', tokenizer={**_remote, **_slow}, model=_remote,
       meta_template=_internlm_meta_template)
]
