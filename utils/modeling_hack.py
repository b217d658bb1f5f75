"""A checkpoint's model, tokenizer and generation settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig, LlamaTokenizer
from transformers.utils import cached_file

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

SCALINGS = ('yarn', 'dynamic', 'linear')
#: Tokenizer classes of Llama checkpoints; the oldest name none.
LLAMA = (None, 'LlamaTokenizer', 'LlamaTokenizerFast')
#: How SentencePiece writes a blank.
BLANK = '▁'


class Loaded(NamedTuple):
    """What `get_model` gives."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    generation_config: GenerationConfig


def get_model(
    model_path: str,
    rope_scaling: str | None = None,
    rope_factor: float = 8.0,
    *,
    dtype: str | None = None,
    device_map: str = 'auto',
    trust_remote_code: bool = False,
    **kwargs: Any,
) -> Loaded:
    """Model, tokenizer and generation settings of a checkpoint, ready to answer.

    Args:
        model_path: folder, or hub name.
        rope_scaling: 'yarn', 'dynamic' (NTK) or 'linear', to read texts longer than the model was trained on; its
            longest text becomes `rope_factor` times as long.
        dtype: as in 'float32', or None for the best that the device computes: 16 bit on a GPU; on a CPU the
            checkpoint's own where it has instructions for that, else float32.
        kwargs: more arguments for `from_pretrained`, such as `quantization_config`.
    """
    folder = checkpoint(model_path)
    config = load_config(model_path, trust_remote_code)
    if rope_scaling is not None:
        config = scaled(config, rope_scaling, rope_factor)
    tokenizer = load_tokenizer(model_path, trust_remote_code=trust_remote_code)
    model, report = _read(
        AutoModelForCausalLM,
        folder,
        model_path,
        config=config,
        dtype=best_dtype(config, dtype),
        device_map=device_map,
        trust_remote_code=trust_remote_code,
        output_loading_info=True,
        **kwargs,
    )
    check_complete(model, report['missing_keys'], model_path)
    settings = generation_config(folder, config, tokenizer)
    # Where a call leaves this open, `generate` would take it from here and warn beside max_new_tokens.
    model.generation_config.max_length = None
    return Loaded(model.eval(), tokenizer, settings)


def load_config(model_path: str, trust_remote_code: bool = False) -> PreTrainedConfig:
    """The config of a checkpoint."""
    return _read(AutoConfig, checkpoint(model_path), model_path, trust_remote_code=trust_remote_code)


def load_tokenizer(model_path: str, trust_remote_code: bool = False) -> PreTrainedTokenizerBase:
    """The tokenizer of a checkpoint, with a padding token.

    One that has only SentencePiece's `tokenizer.model` gives the ids of SentencePiece after a BOS token, as such
    checkpoints were trained, unless its settings say otherwise.
    """
    folder = checkpoint(model_path)
    settings = _sentencepiece_settings(folder)
    if settings is None:
        tokenizer = _read(AutoTokenizer, folder, model_path, trust_remote_code=trust_remote_code)
    else:
        factory = AutoTokenizer if settings.get('tokenizer_class') else LlamaTokenizer
        tokenizer = _read(factory, folder, model_path, add_bos_token=settings.get('add_bos_token', True))
        if settings.get('legacy') is not False:
            _spell_as_sentencepiece(tokenizer)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def check_complete(model: PreTrainedModel, missing: Iterable[str], name: str) -> None:
    """OSError where transformers filled weights that the files lack with random numbers, which is only logged."""
    parameters = {one for one, _ in model.named_parameters()}
    lacking = sorted(parameters.intersection(missing))
    if lacking:
        raise OSError(
            f'model {name}: its files have no weights for {len(lacking)} parts of the model, such as {lacking[0]}; '
            'copy the checkpoint again, or read it with the tool that it was made for'
        )


def _sentencepiece_settings(folder: str) -> dict[str, Any] | None:
    """`tokenizer_config.json` of a checkpoint whose only tokenizer is Llama's `tokenizer.model`; None for others."""
    if _file(folder, 'tokenizer.model') is None or _file(folder, 'tokenizer.json') is not None:
        return None
    file = _file(folder, 'tokenizer_config.json')
    settings = {} if file is None else json.loads(file.read_text(encoding='utf-8'))
    return settings if settings.get('tokenizer_class') in LLAMA and 'auto_map' not in settings else None


def _file(folder: str, name: str) -> Path | None:
    """A file of a checkpoint, be it a folder or a hub name; None where it has none of this name."""
    try:
        return Path(str(cached_file(folder, name)))
    except OSError:
        return None


def _spell_as_sentencepiece(tokenizer: LlamaTokenizer) -> None:
    """Put SentencePiece's blank before every text. Transformers leaves it out before a text that begins with one."""
    from tokenizers import normalizers

    backend = tokenizer.backend_tokenizer
    backend.normalizer = normalizers.Sequence([normalizers.Prepend(BLANK), normalizers.Replace(' ', BLANK)])
    backend.pre_tokenizer = None


def rope_parameters(config: PreTrainedConfig, scaling: str, factor: float) -> dict[str, Any]:
    """The `rope_parameters` of a config with a scaling in place of its own, for texts `factor` times as long.

    yarn follows its paper with the paper's betas, 32 and 1.
    """
    if scaling not in SCALINGS:
        raise ValueError(f'rope_scaling is one of {", ".join(SCALINGS)}, not {scaling!r}')
    if not isinstance(factor, (int, float)) or not factor > 0:
        raise ValueError(f'rope_factor is a number above 0, such as 8.0, not {factor!r}')
    config = config.get_text_config()
    own = getattr(config, 'rope_parameters', None)
    if not own:
        raise ValueError(f'rope_scaling needs a model with rotary embeddings; {config.model_type} has none')
    kinds = config.nested_rope_parameter_keys(own)
    if not kinds:
        return _scaled_rope(own, scaling, factor, trained_length(config))
    # Layers that look through a window never meet a distance beyond it.
    far = [kind for kind in kinds if 'sliding' not in kind and own[kind]]
    return {**own, **{kind: _scaled_rope(own[kind], scaling, factor, trained_length(config)) for kind in far}}


def _scaled_rope(own: dict[str, Any], scaling: str, factor: float, trained: int) -> dict[str, Any]:
    """A scaling with the frequencies that a model was trained with. In transformers it stands for the whole old one."""
    found = {key: own[key] for key in ('rope_theta', 'partial_rotary_factor') if own.get(key) is not None}
    found |= {'rope_type': scaling, 'factor': float(factor)}
    if scaling == 'yarn':
        found |= {'beta_fast': 32.0, 'beta_slow': 1.0, 'original_max_position_embeddings': trained}
    return found


def trained_length(config: PreTrainedConfig) -> int:
    """Positions that a model was trained on, before any scaling that its config has."""
    own = getattr(config, 'rope_parameters', None) or {}
    before = own.get('original_max_position_embeddings') or getattr(config, 'original_max_position_embeddings', None)
    return int(before or config.max_position_embeddings)


def scaled(config: PreTrainedConfig, scaling: str, factor: float) -> PreTrainedConfig:
    """The config with its rotary embeddings scaled; of a model of several parts that of its text part."""
    text = config.get_text_config()
    rope, trained = rope_parameters(config, scaling, factor), trained_length(text)
    text.rope_parameters = rope
    # The formula of dynamic NTK counts from this number and needs the trained one.
    text.max_position_embeddings = trained if scaling == 'dynamic' else int(trained * factor)
    return config


def generation_config(folder: str, config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase) -> GenerationConfig:
    """The checkpoint's generation settings; without such a file those of its config, with the tokenizer's end token."""
    try:
        return GenerationConfig.from_pretrained(folder)
    except OSError:
        found = GenerationConfig.from_model_config(config)
    for name in ('bos_token_id', 'eos_token_id', 'pad_token_id'):
        if getattr(found, name) is None:
            setattr(found, name, getattr(tokenizer, name))
    return found


def warn_of_length(config: PreTrainedConfig, tokens: int) -> None:
    """Tell on stderr where prompt and answer may get longer than the model reads well."""
    longest = getattr(config.get_text_config(), 'max_position_embeddings', None)
    if longest is not None and tokens > longest:
        print(
            f'Prompt and answer may reach {tokens} tokens together; this model reads {longest}. Lower '
            '--max_input_length or --max_generate_length, or see --rope_scaling.',
            file=sys.stderr,
        )


def best_dtype(config: PreTrainedConfig, asked: str | None = None) -> torch.dtype:
    """The data type asked for by name, else the best that the device computes by itself."""
    if asked is not None:
        found = getattr(torch, asked.removeprefix('torch.'), None)
        if not isinstance(found, torch.dtype):
            raise ValueError(f"dtype is 'float32', 'bfloat16' or 'float16', not {asked!r}")
        return found
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    own = getattr(config.get_text_config(), 'dtype', None)
    return torch.bfloat16 if own == torch.bfloat16 and torch.cpu._is_avx512_bf16_supported() else torch.float32


def checkpoint(path: str) -> str:
    """Where a checkpoint lies: the folder if there is one, else the hub name as it is."""
    folder = Path(path).expanduser()
    if folder.is_dir():
        return str(folder)
    if path.startswith(('.', '/', '~')) or path.count('/') > 1:
        raise FileNotFoundError(
            f'model path {path} does not exist (looked from {Path.cwd()}); give the folder of a checkpoint or a hub '
            'name such as TigerResearch/tigerbot-7b-chat'
        )
    return path


def local_folder(path: str) -> str:
    """Where a checkpoint lies; one that is on the hub is fetched first."""
    folder = checkpoint(path)
    if Path(folder).is_dir():
        return folder
    from huggingface_hub import snapshot_download

    try:
        return snapshot_download(folder)
    except OSError as error:
        raise OSError(f'model {path}: no folder, and no model that the hub gives: {error}') from error


def _read(factory: Any, folder: str, name: str, **kwargs: Any) -> Any:
    from safetensors import SafetensorError

    try:
        return factory.from_pretrained(folder, **kwargs)
    except SafetensorError as error:
        raise OSError(f'model {name}: a file of its weights in {folder} is damaged; copy it again: {error}') from error
    except OSError as error:
        what = 'no complete checkpoint' if Path(folder).is_dir() else 'no folder, and no model that the hub gives'
        raise OSError(f'model {name}: {what} at {folder}: {str(error).strip().splitlines()[0]}') from error
