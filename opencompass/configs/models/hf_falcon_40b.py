from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

models = [
    hf('falcon-40b-hf', 'tiiuae/falcon-40b', tokenizer=_remote,
       model=dict(_remote, revision='561820f7eef0cc56a31ea38af15ca1acb07fab5d'), gpus=4)
]
