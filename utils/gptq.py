"""Models quantized by GPTQ, in the folders of gptqmodel and of its predecessor AutoGPTQ."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .modeling_hack import Loaded, generation_config, load_config, load_tokenizer, local_folder
from .optional import optional

if TYPE_CHECKING:
    from transformers import PreTrainedModel

#: Files with the settings of the quantization; in config.json they are under `quantization_config`.
SETTINGS = ('quantize_config.json', 'quant_config.json')


def get_gptq(model_path: str, trust_remote_code: bool = False) -> Loaded:
    """As `get_model`, of a checkpoint that GPTQ has quantized.

    Never `save_pretrained` such a model, which writes wrong weights: copy its folder. A folder that leaves a layer
    without weights is refused; transformers would load it with random ones.
    """
    folder = local_folder(model_path)
    names = tensor_names(folder)
    _check_settings(folder, names)
    # It reports its progress on stdout, where the chat is.
    with redirect_stdout(sys.stderr):
        library = optional('gptqmodel', 'a model quantized by GPTQ', 'gptqmodel')
        where = {'device_map': 'auto'} if torch.cuda.is_available() else {'device': 'cpu'}
        model = library.GPTQModel.load(folder, trust_remote_code=trust_remote_code, **where).model
    _check_complete(folder, model, names)
    config, tokenizer = load_config(folder, trust_remote_code), load_tokenizer(folder, trust_remote_code)
    settings = generation_config(folder, config, tokenizer)
    # It puts settings of its own there, and `generate` takes from there what a call leaves open.
    model.generation_config = type(settings)(pad_token_id=settings.pad_token_id, eos_token_id=settings.eos_token_id)
    return Loaded(model.eval(), tokenizer, settings)


def tensor_names(folder: str) -> set[str]:
    """Names of all tensors in the .safetensors files of a folder."""
    from safetensors import SafetensorError, safe_open

    files = sorted(Path(folder).glob('*.safetensors'))
    if not files:
        raise OSError(
            f'{folder} has no .safetensors file; weights in other formats (.bin, .pt) can run code when they are read, '
            'and are not loaded: take a checkpoint that has been converted'
        )
    names: set[str] = set()
    for file in files:
        try:
            with safe_open(file, framework='pt') as opened:
                names.update(opened.keys())
        except SafetensorError as error:
            raise OSError(f'{file} is damaged; copy it again: {error}') from error
    return names


def _check_settings(folder: str, names: set[str]) -> None:
    """ValueError where the folder does not say how it was quantized, or was not quantized by GPTQ."""
    found = _settings(folder)
    if found is None:
        is_quantized = any(name.endswith('.qweight') for name in names)
        what = (
            'its weights are quantized, so copy quantize_config.json, too, from where it comes from'
            if is_quantized
            else 'its weights are not quantized, either; use infer.py, or other_infer/quant_infer.py'
        )
        raise ValueError(
            f'{folder} has no settings of a quantization, neither {SETTINGS[0]} nor a quantization_config in '
            f'config.json: {what}'
        )
    method = found.get('quant_method', 'gptq')
    if method != 'gptq':
        raise ValueError(
            f'{folder} is quantized by {method}, not by gptq; try infer.py, or exllamav2_infer.py for exl2'
        )


def _settings(folder: str) -> dict[str, Any] | None:
    for name in SETTINGS:
        if (file := Path(folder, name)).exists():
            return dict(json.loads(file.read_text(encoding='utf-8')))
    file = Path(folder, 'config.json')
    config = json.loads(file.read_text(encoding='utf-8')) if file.exists() else {}
    return config.get('quantization_config')


def _check_complete(folder: str, model: PreTrainedModel, names: set[str]) -> None:
    """ValueError where a layer has no weights in the files."""
    lost = sorted(set(_needed(model)) - names)
    if lost:
        raise ValueError(
            f'{folder} has no weights for {len(lost)} of the tensors of this model, such as {lost[0]}; they would be '
            'random. Its files are incomplete, or of another model than its config.json'
        )


def _needed(model: PreTrainedModel) -> Iterator[str]:
    """The tensors that have to be in a model's files."""
    tied = set(getattr(model, 'all_tied_weights_keys', None) or ())
    quantized = gptq_layers(model)
    for name, module in model.named_modules():
        if module in quantized:
            yield f'{name}.qweight'
        else:
            own = (f'{name}.{one}' for one, _ in module.named_parameters(recurse=False))
            yield from (one for one in own if one not in tied)


def gptq_layers(model: torch.nn.Module) -> list[Any]:
    """The linear layers of gptqmodel."""
    ours = [module for module in model.modules() if type(module).__module__.startswith('gptqmodel.')]
    return [module for module in ours if hasattr(module, 'in_features')]
