from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('wizardlm-7b-hf', 'TheBloke/wizardLM-7B-HF', tokenizer=_remote, model=_remote)
]
