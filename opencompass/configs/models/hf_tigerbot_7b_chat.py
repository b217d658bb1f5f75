from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

_meta_template = dict(round=[
    dict(role='HUMAN', begin='\n\n### Instruction:\n:'),
    dict(role='BOT', begin='\n\n### Response:\n:', generate=True),
])

models = [
    hf('tigerbot-7b-2h-sft-20g-mix0.0-group-mg-hf-9600', 'TigerResearch/tigerbot-7b-chat', tokenizer=_remote,
       model=_remote, batch_size=16, batch_padding=True, meta_template=_meta_template)
]
