"""Models quantized by GPTQ."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ..registry import MODELS
from ..utils.optional import optional
from . import _loading as loading
from .huggingface import HuggingFace


@MODELS.register_module()
class GPTQCausalLM(HuggingFace):
    """`HuggingFace` with weights quantized by GPTQ (Frantar et al. 2023, arXiv:2210.17323).

    gptqmodel loads them or, where only that is there, its predecessor auto_gptq; `model_kwargs` go to its loader.
    """

    def _load_model(self, path: str, cache_dir: str | None, kwargs: dict, peft_path: str | None) -> Any:
        if peft_path is not None:
            raise ValueError(f'{path}: adapters cannot be put on GPTQ weights; merge {peft_path} before quantizing')
        folder = loading.checkpoint(path)
        if find_spec('gptqmodel') is None and _is_there('auto_gptq'):
            return _by_auto_gptq(folder, kwargs).eval()
        library = optional('gptqmodel', 'gptqmodel optimum', 'GPTQCausalLM')
        return library.GPTQModel.load(folder, **kwargs).model.eval()


def _is_there(module: str) -> bool:
    try:
        optional(module, module, 'GPTQCausalLM')
    except ImportError:
        return False
    return True


def _by_auto_gptq(folder: str, kwargs: dict) -> Any:
    import auto_gptq

    config = auto_gptq.BaseQuantizeConfig.from_pretrained(folder)
    return auto_gptq.AutoGPTQForCausalLM.from_quantized(folder, quantize_config=config, **kwargs)
