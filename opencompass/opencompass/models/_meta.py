"""Llama checkpoints as Meta distributes them, `params.json` and `consolidated.*.pth`, in the Llama of transformers."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..utils.paths import find_local
from . import _loading as loading

if TYPE_CHECKING:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    Weights = dict[str, torch.Tensor]

#: Names of weights: transformers' and Meta's.
NAMES = {
    'model.embed_tokens': 'tok_embeddings',
    'model.norm': 'norm',
    'lm_head': 'output',
    'self_attn.q_proj': 'attention.wq',
    'self_attn.k_proj': 'attention.wk',
    'self_attn.v_proj': 'attention.wv',
    'self_attn.o_proj': 'attention.wo',
    'mlp.gate_proj': 'feed_forward.w1',
    'mlp.down_proj': 'feed_forward.w2',
    'mlp.up_proj': 'feed_forward.w3',
    'input_layernorm': 'attention_norm',
    'post_attention_layernorm': 'ffn_norm',
}
#: What `params.json` of Llama 1, Llama 2 and Code Llama may hold. The width of the feed-forward layers is seen from
#: their weights, not computed from `multiple_of` and `ffn_dim_multiplier`.
PARAMS = {'dim', 'n_layers', 'n_heads', 'n_kv_heads', 'vocab_size', 'norm_eps', 'rope_theta'}
PARAMS |= {'multiple_of', 'ffn_dim_multiplier', 'max_seq_len', 'max_batch_size'}
#: Kept beside the weights, and computed anew.
COMPUTED = {'rope.freqs'}


class Checkpoint(NamedTuple):
    """`params.json`, and the weights: each part holds a slice of most of them."""

    folder: Path
    params: dict[str, Any]
    parts: list[Weights]

    def weight(self, part: int, name: str) -> torch.Tensor:
        try:
            return self.parts[part][name]
        except KeyError:
            raise ValueError(
                f'{self.folder / _file(part)} has no weight {name}, as a Llama of {self.params["n_layers"]} layers '
                '(params.json) has; copy all files from one download'
            ) from None

    @property
    def files(self) -> str:
        return f'{self.folder}/{_file(0)}' + (f' to {_file(len(self.parts) - 1)}' if len(self.parts) > 1 else '')


def folder_of(path: str) -> Path:
    """The folder that a config names, if it is one that Meta made."""
    found = find_local(path)
    if found is None:
        raise FileNotFoundError(
            f'model path {path} does not exist (looked from {Path.cwd()}); give the folder with params.json and '
            'consolidated.*.pth as Meta distributes it. For a name on the hub use HuggingFaceCausalLM'
        )
    if not (found / 'params.json').is_file():
        other = ' There is a config.json: use HuggingFaceCausalLM.' if (found / 'config.json').exists() else ''
        raise FileNotFoundError(f"{found} has no params.json; put Meta's there, beside consolidated.*.pth.{other}")
    return found


def read(folder: Path) -> Checkpoint:
    """The checkpoint; weights stay in their files until they are used."""
    file = folder / 'params.json'
    params = json.loads(file.read_text(encoding='utf-8'))
    lacking = {'dim', 'n_layers', 'n_heads', 'norm_eps'} - set(params)
    unknown = {name for name in set(params) - PARAMS if params[name]}
    if lacking or unknown:
        wrong = f'lacks {", ".join(sorted(lacking))}' if lacking else f'asks for {", ".join(sorted(unknown))}'
        raise ValueError(f'{file} {wrong}: no Llama 1 or 2; convert other checkpoints and use HuggingFaceCausalLM')
    first = _part(folder, 0, 1)
    rows = Checkpoint(folder, params, [first]).weight(0, 'layers.0.attention.wq.weight').shape[0]
    count = max(params['dim'] // rows, 1)
    return Checkpoint(folder, params, [first, *(_part(folder, number, count) for number in range(1, count))])


def load(path: str, vocab_size: int, kwargs: dict) -> LlamaForCausalLM:
    """The model with the weights of Meta's folder, put in place one by one.

    Args:
        vocab_size: tokens of the tokenizer.
        kwargs: `torch_dtype` and `device_map` as for `from_pretrained`.
    """
    from accelerate import dispatch_model, init_empty_weights
    from accelerate.utils import set_module_tensor_to_device
    from transformers import LlamaForCausalLM

    unknown = sorted(set(kwargs) - {'torch_dtype', 'dtype', 'device_map'})
    if unknown:
        raise ValueError(f'{path}: of model_kwargs Llama2 takes torch_dtype and device_map, not {", ".join(unknown)}')
    checkpoint = read(folder_of(path))
    dtype = loading.dtype_of(kwargs)
    if dtype == 'auto':
        dtype = checkpoint.weight(0, 'output.weight').dtype
    with init_empty_weights():
        model = LlamaForCausalLM(_config(checkpoint, vocab_size))
    loading.check_memory(model.num_parameters() * dtype.itemsize, path, dtype)
    devices = _devices(model, kwargs.get('device_map'), dtype)
    for name, weight in _converted(checkpoint, model):
        set_module_tensor_to_device(model, name, _device(devices, name), value=weight, dtype=dtype)
    if len(set(devices.values())) > 1:
        model = dispatch_model(model, devices)
    return model.eval()


def _file(number: int) -> str:
    return f'consolidated.{number:02}.pth'


def _part(folder: Path, number: int, count: int) -> Weights:
    import torch

    file = folder / _file(number)
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} is missing, the weights are in {count} files at least; copy all of Meta's consolidated.*.pth there"
        )
    try:
        return torch.load(file, map_location='cpu', mmap=True, weights_only=True)
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError) as error:
        reason = str(error).partition('\n')[0]
        raise OSError(f'{file} is damaged or holds no weights, copy it again: {reason}') from error


def _config(checkpoint: Checkpoint, vocab_size: int) -> LlamaConfig:
    from transformers import LlamaConfig

    params, count = checkpoint.params, len(checkpoint.parts)
    rows = checkpoint.weight(0, 'output.weight').shape[0] * count
    if rows != vocab_size or params.get('vocab_size', -1) not in (-1, rows):
        raise ValueError(
            f'the weights in {checkpoint.folder} are for {rows} tokens, the tokenizer has {vocab_size}, and vocab_size '
            f'in params.json is {params.get("vocab_size", -1)} (-1: as the tokenizer); name in tokenizer_path the '
            'tokenizer.model that came with these weights'
        )
    return LlamaConfig(
        vocab_size=rows,
        hidden_size=params['dim'],
        intermediate_size=checkpoint.weight(0, 'layers.0.feed_forward.w1.weight').shape[0] * count,
        num_hidden_layers=params['n_layers'],
        num_attention_heads=params['n_heads'],
        num_key_value_heads=params.get('n_kv_heads') or params['n_heads'],
        rms_norm_eps=params['norm_eps'],
        rope_parameters={'rope_type': 'default', 'rope_theta': float(params.get('rope_theta') or 10000.0)},
        tie_word_embeddings=False,
    )


def _converted(checkpoint: Checkpoint, model: LlamaForCausalLM) -> Iterator[tuple[str, torch.Tensor]]:
    """(transformers' name, whole weight) of each weight of the model, which says what shape is right."""
    heads: dict[str, int | None] = {
        'q_proj': model.config.num_attention_heads,
        'k_proj': model.config.num_key_value_heads,
    }
    theirs = {name: _their_name(name) for name, _ in model.named_parameters()}
    unknown = sorted({name for part in checkpoint.parts for name in part} - set(theirs.values()) - COMPUTED)
    if unknown:
        raise ValueError(f'{checkpoint.files}: weights that Llama 2 has not, such as {unknown[0]}')
    for name, parameter in model.named_parameters():
        weight = _joined(checkpoint, theirs[name], parameter.shape)
        count = heads.get(name.split('.')[-2])
        yield name, weight if count is None else _half_split(weight, count)


def _their_name(name: str) -> str:
    """Meta's name of a weight: `model.layers.3.mlp.up_proj.weight` is `layers.3.feed_forward.w3.weight`."""
    stem = name.removesuffix('.weight')
    if not stem.startswith('model.layers.'):
        return f'{NAMES[stem]}.weight'
    _, _, layer, part = stem.split('.', 3)
    return f'layers.{layer}.{NAMES[part]}.weight'


def _joined(checkpoint: Checkpoint, name: str, shape: torch.Size) -> torch.Tensor:
    """The slices of all parts, side by side along the one axis in which a slice is smaller than the whole."""
    import torch

    slices = [checkpoint.weight(part, name) for part in range(len(checkpoint.parts))]
    if slices[0].shape == shape:
        return slices[0]
    for axis in range(len(shape)):
        if _whole([one.shape for one in slices], axis) == shape:
            return torch.cat(slices, dim=axis)
    raise ValueError(
        f'{checkpoint.files}: slices of {name} of shapes {sorted({tuple(one.shape) for one in slices})} do not make '
        f'the {tuple(shape)} that params.json asks for; copy all files from one download'
    )


def _whole(shapes: list[torch.Size], axis: int) -> tuple[int, ...]:
    return tuple(sum(one[axis] for one in shapes) if place == axis else n for place, n in enumerate(shapes[0]))


def _half_split(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """The rows of each head, which Meta turns in pairs of neighbours (0, 1), (2, 3)..., in the order of transformers,
    which turns row i with row i + half."""
    return weight.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)


def _devices(model: LlamaForCausalLM, asked: Any, dtype: torch.dtype) -> dict[str, Any]:
    """Module -> device; 'auto' spreads the layers over all GPUs."""
    from accelerate import infer_auto_device_map
    from accelerate.utils import get_balanced_memory

    if isinstance(asked, dict):
        return dict(asked)
    if asked != 'auto':
        return {'': 'cpu' if asked is None else asked}
    whole = model._no_split_modules
    room = get_balanced_memory(model, dtype=dtype, no_split_module_classes=whole)
    devices = infer_auto_device_map(model, room, no_split_module_classes=whole, dtype=dtype)
    if 'disk' in devices.values():
        raise MemoryError(
            f'the weights take {model.num_parameters() * dtype.itemsize / loading.GIB:.1f} GiB and do not fit; '
            'use more GPUs (num_gpus of run_cfg) or a smaller model'
        )
    return devices


def _device(devices: dict[str, Any], name: str) -> Any:
    """Where a weight goes: the device of the longest module that it is in."""
    inside = [module for module in devices if not module or name == module or name.startswith(f'{module}.')]
    return devices[max(inside, key=len)]
