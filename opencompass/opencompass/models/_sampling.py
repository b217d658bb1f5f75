"""What `generation_kwargs` of a config mean to vLLM."""

from __future__ import annotations

from typing import Any

#: Names of transformers -> those of vLLM's SamplingParams.
NAMES = {
    'eos_token_id': 'stop_token_ids',
    'max_new_tokens': 'max_tokens',
    'min_new_tokens': 'min_tokens',
    'num_return_sequences': 'n',
    'stop_strings': 'stop',
}
#: Of transformers, and without a meaning in vLLM, or told otherwise here.
OTHERS = {'do_sample', 'num_beams', 'pad_token_id', 'use_cache'}
GREEDY = {'temperature': 0.0}
#: What transformers draws with where a config says `do_sample=True` and no more.
DRAWN = {'temperature': 1.0, 'top_k': 50}


def sampling(asked: dict[str, Any]) -> dict[str, Any]:
    """Arguments of SamplingParams, from its own names or those of transformers. Greedy unless `do_sample` is true or,
    where that is left out, a `temperature` says otherwise."""
    if asked.get('num_beams', 1) != 1:
        raise ValueError(f'num_beams={asked["num_beams"]}: vLLM decodes without beams; use HuggingFaceCausalLM')
    given = {NAMES.get(name, name): value for name, value in asked.items() if name not in OTHERS}
    for name in ('stop', 'stop_token_ids'):
        if name in given and not isinstance(given[name], (list, tuple)):
            given[name] = [given[name]]
    if 'do_sample' not in asked:
        return {**GREEDY, **given}
    return {**DRAWN, **given} if asked['do_sample'] else {**given, **GREEDY}
