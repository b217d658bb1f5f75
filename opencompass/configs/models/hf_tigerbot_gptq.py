from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

from opencompass.models import GPTQCausalLM

models = [
    hf('tigerbot-13b-2h-sft-20g-mix0.0-group', 'TigerResearch/tigerbot-13b-chat', type=GPTQCausalLM,
       tokenizer=dict(_remote, cache_dir=None, padding=True, truncation=True, add_bos_token=False), model=_remote,
       max_out_len=200, batch_size=4, batch_padding=True)
]
