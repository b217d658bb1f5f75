"""Models whose weights are quantized to 8 or 4 bit while they are loaded, by bitsandbytes."""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch

from .gptq import gptq_layers
from .modeling_hack import Loaded, best_dtype, get_model, load_config
from .optional import optional

if TYPE_CHECKING:
    from transformers import BitsAndBytesConfig, PreTrainedConfig, PreTrainedModel

WIDTHS = (8, 4)
#: What 4-bit layers can serve on every device: on a CPU others fail at the first token, or are silently inaccurate.
IN_BLOCK, OUT_BLOCK = 64, 32


def get_quantized(
    model_path: str,
    rope_scaling: str | None = None,
    rope_factor: float = 8.0,
    *,
    wbit: int = 8,
    dtype: str | None = None,
    device_map: str = 'auto',
    trust_remote_code: bool = False,
    keeps_layout: bool = False,
    **settings: Any,
) -> Loaded:
    """`get_model` with the weights of linear layers in 8 or 4 bit. Embeddings and the output layer stay as they are.

    A 4-bit model that has run on a CPU cannot be saved, merged or dequantized: bitsandbytes orders its weights anew for
    speed and does not find the way back, without an error. Such a model refuses `save_pretrained`, `state_dict` and
    `dequantize`; who merges adapters into one calls `check_layout` before.

    Args:
        wbit: 8 or 4.
        dtype: of everything else, and of the arithmetic, as for `get_model`.
        keeps_layout: leave the weights in their order, for training, saving and merging; decoding on a CPU is slower.
        settings: more arguments for `BitsAndBytesConfig`, such as `bnb_4bit_use_double_quant`.
    """
    if wbit not in WIDTHS:
        raise ValueError(f'wbit is 8 or 4, not {wbit!r}')
    quieten()
    optional('bitsandbytes', 'quantizing to 8 or 4 bit', 'bitsandbytes accelerate')
    config = load_config(model_path, trust_remote_code)
    _check_unquantized(config, model_path)
    precision = best_dtype(config, dtype)
    skipped = skipped_layers(config, wbit, trust_remote_code)
    _tell(skipped, precision)
    loaded = get_model(
        model_path,
        rope_scaling,
        rope_factor,
        dtype=dtype,
        device_map=device_map,
        trust_remote_code=trust_remote_code,
        quantization_config=_bits(wbit, precision, list(skipped), settings),
    )
    if keeps_layout:
        keep_layout(loaded.model)
    _guard(loaded.model)
    return loaded


def skipped_layers(config: PreTrainedConfig, wbit: int, trust_remote_code: bool = False) -> dict[str, str]:
    """Layers that stay unquantized, by name, with the reason; that of the output layer, always one of them, is ''."""
    from transformers import AutoModelForCausalLM
    from transformers.pytorch_utils import Conv1D

    with torch.device('meta'):
        model = AutoModelForCausalLM.from_config(config, trust_remote_code=trust_remote_code)
    output = model.get_output_embeddings()
    skipped = {}
    for name, module in model.named_modules():
        if module is output:
            skipped[name] = ''
        elif wbit == 4 and type(module) in (torch.nn.Linear, Conv1D):
            rows, columns = module.weight.shape if isinstance(module, Conv1D) else module.weight.shape[::-1]
            if rows % IN_BLOCK or columns % OUT_BLOCK:
                skipped[name] = f'{rows} to {columns}'
    return skipped


def weight_bytes(model: PreTrainedModel) -> int:
    """Bytes of a model's weights, with the scales of quantized ones."""
    stored = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in _tensors(model)}
    return sum(stored.values())


def bytes_in_16_bit(model: PreTrainedModel) -> int:
    """Bytes that the same weights take in 16 bit."""
    packed = {id(layer.weight): layer.in_features * layer.out_features for layer in four_bit_layers(model).values()}
    gptq = sum(layer.in_features * layer.out_features for layer in gptq_layers(model))
    return 2 * (gptq + sum(packed.get(id(one), one.numel()) for one in model.parameters()))


def memory(model: PreTrainedModel) -> str:
    """A line for people about the memory that the weights take, compared to 16 bit."""
    now, before = weight_bytes(model), bytes_in_16_bit(model)
    return f'weights: {now / 1e6:,.1f} MB, {now / before:.0%} of the {before / 1e6:,.1f} MB that 16 bit take'


def check_layout(model: torch.nn.Module, action: str) -> None:
    """RuntimeError where the 4-bit weights were ordered anew, as they are on a CPU by the first token.

    Args:
        action: what would be done to them, as in 'save it'.
    """
    if any(
        getattr(layer.weight.quant_state, 'packing_format_for_cpu', False) for layer in four_bit_layers(model).values()
    ):
        raise RuntimeError(
            f'cannot {action}: a 4-bit model that has run on a CPU has its weights in an order from which '
            'bitsandbytes makes wrong ones without an error. Do it before the first token, or load the model with '
            'get_quantized(..., keeps_layout=True); adapters are best merged into the unquantized checkpoint'
        )


def keep_layout(model: torch.nn.Module) -> None:
    """Have 4-bit weights stay in their order; call it before the first token."""
    for layer in four_bit_layers(model).values():
        layer.support_avx512bf16_for_cpu = False


def _check_unquantized(config: PreTrainedConfig, model_path: str) -> None:
    own = getattr(config, 'quantization_config', None)
    if own:
        method = (own if isinstance(own, dict) else own.to_dict()).get('quant_method', 'some method')
        script = 'other_infer/gptq_infer.py' if method == 'gptq' else 'infer.py'
        raise ValueError(f'{model_path} is quantized already, by {method}; use {script}, or its unquantized checkpoint')


def _tell(skipped: dict[str, str], precision: torch.dtype) -> None:
    """One notice on stderr of all layers whose shapes do not fit, those of equal names taken together."""
    alike = Counter((re.sub(r'\.\d+\.', '.*.', name), shape) for name, shape in skipped.items() if shape)
    if alike:
        layers = ', '.join(f'{count} x {name} ({shape})' for (name, shape), count in alike.items())
        print(
            f'These layers stay in {str(precision).removeprefix("torch.")}, because 4 bit need inputs in multiples of '
            f'{IN_BLOCK} and outputs in multiples of {OUT_BLOCK}: {layers}',
            file=sys.stderr,
        )


def _bits(wbit: int, precision: torch.dtype, skipped: list[str], settings: dict[str, Any]) -> BitsAndBytesConfig:
    from transformers import BitsAndBytesConfig

    if wbit == 8:
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=skipped, **settings)
    usual = {'bnb_4bit_quant_type': 'nf4', 'bnb_4bit_compute_dtype': precision}
    return BitsAndBytesConfig(load_in_4bit=True, llm_int8_skip_modules=skipped, **{**usual, **settings})


def four_bit_layers(model: torch.nn.Module) -> dict[str, Any]:
    """The 4-bit layers of bitsandbytes, by name."""
    bitsandbytes = sys.modules.get('bitsandbytes')
    if bitsandbytes is None:
        return {}
    return {name: module for name, module in model.named_modules() if isinstance(module, bitsandbytes.nn.Linear4bit)}


def _tensors(model: PreTrainedModel) -> Iterator[torch.Tensor]:
    """All tensors of the weights; the scales of bitsandbytes are neither parameters nor buffers."""
    yield from model.parameters()
    yield from model.buffers()
    for module in model.modules():
        weight: Any = getattr(module, 'weight', None)
        if getattr(weight, 'quant_state', None) is not None:
            yield from (one for one in weight.quant_state.as_dict().values() if isinstance(one, torch.Tensor))
        scales = [getattr(holder, 'SCB', None) for holder in (weight, getattr(module, 'state', None))]
        yield from (one for one in scales if isinstance(one, torch.Tensor))


def _guard(model: PreTrainedModel) -> None:
    """Let the model refuse what would be wrong after `check_layout`."""
    model.register_state_dict_pre_hook(lambda *_: check_layout(model, 'give its weights away'))
    for name in ('save_pretrained', 'dequantize'):
        setattr(model, name, _checked(model, name, getattr(model, name)))


def _checked(model: PreTrainedModel, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*args: Any, **kwargs: Any) -> Any:
        check_layout(model, name)
        return method(*args, **kwargs)

    return checked


def quieten() -> None:
    """Leave out what bitsandbytes warns of without need.

    Its 8-bit layers make their inputs float16, each time; and kernels that it would fetch from the hub only replace
    those that it has.
    """
    for name in ('bitsandbytes.autograd._functions', 'bitsandbytes.backends.cpu.ops'):
        logging.getLogger(name).addFilter(_is_needed)


def _is_needed(record: logging.LogRecord) -> bool:
    needless = ('inputs will be cast', 'gemm_4bit_forward from kernels-community')
    return not any(text in str(record.msg) for text in needless)
