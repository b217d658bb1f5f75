"""What most entries for models from the hub share."""
from opencompass.models import HuggingFaceCausalLM

# one turn of a chat with TigerBot
tigerbot_meta_template = dict(round=[
    dict(role='HUMAN', begin='\n\n### Instruction:\n'),
    dict(role='BOT', begin='\n\n### Response:\n', generate=True),
])

internlm_meta_template = dict(round=[
    dict(role='HUMAN', begin='<|User|>:', end='<eoh>\n'),
    dict(role='BOT', begin='<|Bot|>:', end='<eoa>\n', generate=True),
])

# for models that take messages instead of one text
api_meta_template = dict(round=[
    dict(role='HUMAN', api_role='HUMAN'),
    dict(role='BOT', api_role='BOT', generate=True),
])

slow = dict(use_fast=False)
remote = dict(trust_remote_code=True)


def hf(abbr: str, path: str, tokenizer: dict | None = None, model: dict | None = None, gpus: int = 1,
       type=HuggingFaceCausalLM, **settings) -> dict:
    """A model of the transformers library with the usual settings.

    `tokenizer` and `model` are added to the keyword arguments of the two; `settings` are further keys of the entry, or
    replace the usual ones.
    """
    usual = dict(tokenizer_path=path, max_out_len=100, max_seq_len=2048, batch_size=8)
    return dict(
        type=type, abbr=abbr, path=path, **{**usual, **settings},
        tokenizer_kwargs=dict(padding_side='left', truncation_side='left', **(tokenizer or {})),
        model_kwargs=dict(device_map='auto', **(model or {})),
        run_cfg=dict(num_gpus=gpus, num_procs=1),
    )
