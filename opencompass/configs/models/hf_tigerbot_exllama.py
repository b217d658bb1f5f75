from mmengine.config import read_base

with read_base():
    from ._recipes import hf, remote as _remote

from opencompass.models import ExllamaCausalLM

_entry = hf('tigerbot', 'TigerResearch/tigerbot-13b-chat-4bit-128g', type=ExllamaCausalLM, batch_size=4,
            tokenizer=dict(_remote, cache_dir=None, padding=True, truncation=True, add_bos_token=False),
            batch_padding=True)

# ExLlamaV2 places the weights itself
models = [{key: value for key, value in _entry.items() if key != 'model_kwargs'}]
