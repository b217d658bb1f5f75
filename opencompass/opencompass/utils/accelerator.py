"""Models of a config handed to another engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..registry import MODELS
from .abbr import model_abbr_from_cfg
from .build import model_class
from .logging import get_logger

VLLM = 'opencompass.models.VLLM'
#: Classes of which vLLM does the work; what inherits from them may do more.
SOURCES = ('HuggingFace', 'HuggingFaceCausalLM')
#: `model_kwargs` of transformers that vLLM has by the same name.
SAME = {'revision', 'trust_remote_code'}
#: Those that decide how weights are placed and computed with, which vLLM does its own way.
LEFT_OUT = {'attn_implementation', 'device_map', 'low_cpu_mem_usage', 'max_memory', 'offload_folder', 'use_safetensors'}
DTYPES = {'dtype', 'torch_dtype'}
KEYS = {'peft_path': 'lora_path'}


def by_vllm(models: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The models, those of transformers run by vLLM under the name they had; a warning for each that stays as it is."""
    return [_by_vllm(one) for one in models]


def _by_vllm(model: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = model_class(model)
    if isinstance(kind, type) and issubclass(kind, MODELS.get('VLLM')):
        return model
    name, reason = model_abbr_from_cfg(model), _reason(kind, model)
    if reason:
        get_logger().warning(f'-a vllm: {name} stays as it is: {reason}')
        return model
    kept = {KEYS.get(key, key): value for key, value in model.items() if key != 'batch_padding'}
    return {
        **kept,
        'type': VLLM,
        'abbr': name,
        'model_kwargs': _engine_kwargs(model),
        # A temperature alone makes vLLM draw; transformers wants to be told so.
        'generation_kwargs': {'do_sample': False, **model.get('generation_kwargs', {})},
    }


def _reason(kind: Any, model: Mapping[str, Any]) -> str:
    """Why vLLM cannot have it; '' where it can."""
    if kind not in [MODELS.get(one) for one in SOURCES]:
        return f'vLLM takes over {" and ".join(SOURCES)}, not {model["type"]}'
    if not model.get('run_cfg', {}).get('num_gpus'):
        return 'its run_cfg asks for no GPU (num_gpus), and vLLM needs one'
    unknown = sorted({*model.get('model_kwargs', {})} - SAME - LEFT_OUT - DTYPES)
    return f'vLLM does not know its model_kwargs {", ".join(unknown)}' if unknown else ''


def _engine_kwargs(model: Mapping[str, Any]) -> dict[str, Any]:
    """Engine arguments; 16-bit weights where the model says nothing, as transformers has them here."""
    given = model.get('model_kwargs', {})
    dtype = next((given[name] for name in sorted(DTYPES) if given.get(name) is not None), 'float16')
    trusted = {'trust_remote_code': True} if model.get('tokenizer_kwargs', {}).get('trust_remote_code') else {}
    same = {name: value for name, value in given.items() if name in SAME}
    return {'dtype': str(dtype).removeprefix('torch.'), **trusted, **same}
