"""Checkpoints and tokenizers from a folder or the hub, with errors that name the culprit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..utils.logging import get_logger
from ..utils.paths import find_local

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

BYTES = {'float64': 8, 'float32': 4, 'float16': 2, 'bfloat16': 2, 'float8_e4m3fn': 1, 'int8': 1}
GIB = 2**30
#: How SentencePiece writes a blank.
BLANK = '▁'
#: Tokenizer classes of Llama checkpoints; the oldest name none.
LLAMA = (None, 'LlamaTokenizer', 'LlamaTokenizerFast')


def checkpoint(path: str) -> str:
    """Where a config's `path` lies: the local folder if there is one, else the hub name as it is."""
    found = find_local(path)
    if found is not None:
        return str(found)
    if path.startswith(('.', '/', '~')) or path.count('/') > 1:
        raise FileNotFoundError(
            f'model path {path} does not exist (looked from {Path.cwd()}); give the folder of a checkpoint '
            'or a hub name such as TigerResearch/tigerbot-7b-base'
        )
    return path


def tokenizer(path: str, cache_dir: str | None, kwargs: dict) -> PreTrainedTokenizerBase:
    """The tokenizer of a checkpoint, with a padding token. That of an old Llama has SentencePiece's ids after a BOS
    token, as such models were trained, unless its settings or `kwargs` say otherwise."""
    from transformers import AutoTokenizer, LlamaTokenizer

    folder = checkpoint(path)
    settings = _old_llama(folder, cache_dir)
    if settings is None:
        loaded = _loaded(AutoTokenizer, folder, path, cache_dir=cache_dir, **kwargs)
    else:
        kwargs = {'add_bos_token': settings.get('add_bos_token', True), **kwargs}
        factory = AutoTokenizer if settings.get('tokenizer_class') else LlamaTokenizer
        loaded = _loaded(factory, folder, path, cache_dir=cache_dir, **kwargs)
        if {**settings, **kwargs}.get('legacy') is not False:
            _spell_as_sentencepiece(loaded)
    if 'decapoda-research/llama' in path:
        # These checkpoints came with empty special tokens.
        loaded.bos_token, loaded.eos_token, loaded.pad_token = '<s>', '</s>', '<unk>'
        loaded.pad_token_id = 0
    if loaded.pad_token_id is None:
        get_logger().debug(f'{path}: no padding token; {loaded.eos_token} is used')
        loaded.pad_token = loaded.eos_token
    return loaded


def _old_llama(folder: str, cache_dir: str | None) -> dict[str, Any] | None:
    """`tokenizer_config.json` of a checkpoint whose only tokenizer is Llama's `tokenizer.model`; None for others."""
    from transformers.utils import cached_file

    def file(name: str) -> Path | None:
        try:
            return Path(str(cached_file(folder, name, cache_dir=cache_dir)))
        except OSError:
            return None

    if file('tokenizer.model') is None or file('tokenizer.json') is not None:
        return None
    found = file('tokenizer_config.json')
    settings = {} if found is None else json.loads(found.read_text(encoding='utf-8'))
    return settings if settings.get('tokenizer_class') in LLAMA and 'auto_map' not in settings else None


def _spell_as_sentencepiece(loaded: PreTrainedTokenizerBase) -> None:
    """Give a Llama tokenizer that transformers made from `tokenizer.model` alone the ids of SentencePiece itself.

    It leaves out the blank that SentencePiece puts before a text which begins with one: other ids than the model was
    trained with, for every prompt that is indented.
    """
    from tokenizers import normalizers

    backend = loaded.backend_tokenizer
    backend.normalizer = normalizers.Sequence([normalizers.Prepend(BLANK), normalizers.Replace(' ', BLANK)])
    backend.pre_tokenizer = None


def model(path: str, cache_dir: str | None, kwargs: dict, peft_path: str | None) -> PreTrainedModel:
    """The model of a checkpoint, ready to evaluate, adapters put on where `peft_path` names them."""
    from transformers import AutoModelForCausalLM

    folder = checkpoint(path)
    kwargs = {**kwargs, 'dtype': dtype_of(kwargs)}
    kwargs.pop('torch_dtype', None)
    if Path(folder).is_dir():
        check_memory(weight_bytes(Path(folder), kwargs['dtype']), path, kwargs['dtype'])
    loaded = _loaded(AutoModelForCausalLM, folder, path, cache_dir=cache_dir, **kwargs)
    if getattr(loaded, 'generation_config', None) is not None:  # code that comes with a model may know none
        loaded.generation_config = _tokens_only(loaded.generation_config)
    if peft_path is not None:
        try:
            from peft import PeftModel
        except ImportError as error:
            raise ImportError(f'peft_path {peft_path} needs the package peft: pip install peft') from error
        loaded = PeftModel.from_pretrained(loaded, checkpoint(peft_path), is_trainable=False)
    return loaded.eval()


def generation_config(model: Any, max_out_len: int, end_ids: list[int], pad_id: int, asked: dict) -> GenerationConfig:
    """Greedy, whatever the checkpoint's own generation_config says, unless the config asks otherwise."""
    from transformers import GenerationConfig

    return GenerationConfig(
        **{
            'do_sample': False,
            'num_beams': 1,
            'max_new_tokens': max_out_len,
            'eos_token_id': end_ids or None,
            'pad_token_id': pad_id,
            **asked,
        }
    )


def _tokens_only(own: GenerationConfig) -> GenerationConfig:
    """Of a checkpoint's generation_config the special tokens; `generate` takes all that a call leaves open from it."""
    from transformers import GenerationConfig

    return GenerationConfig(bos_token_id=own.bos_token_id, eos_token_id=own.eos_token_id, pad_token_id=own.pad_token_id)


def end_ids(path: str) -> list[int]:
    """Tokens that end an answer, as a checkpoint's own generation_config says; none where it has no such file."""
    from transformers import GenerationConfig

    try:
        own = GenerationConfig.from_pretrained(checkpoint(path)).eos_token_id
    except OSError:
        return []
    return [] if own is None else own if isinstance(own, list) else [own]


def longest(path: str) -> int:
    """Tokens of prompt and answer that a checkpoint was made for, as its config says."""
    from transformers import PreTrainedConfig

    found, _ = PreTrainedConfig.get_config_dict(checkpoint(path))
    sizes = {**found.get('text_config', {}), **found}
    if 'max_position_embeddings' not in sizes:
        raise ValueError(f'{path}: config.json has no max_position_embeddings; give max_seq_len in the model config')
    return sizes['max_position_embeddings']


def check_memory(needed: int, name: str, dtype: Any) -> None:
    """Refuse weights of so many bytes that cannot fit, before the machine starts to swap or the process is killed."""
    import torch

    if torch.cuda.is_available():
        return
    import psutil

    free = psutil.virtual_memory().available
    if needed > free:
        raise MemoryError(
            f'the weights of {name} take {needed / GIB:.1f} GiB as {str(dtype).removeprefix("torch.")} and '
            f'{free / GIB:.1f} GiB of memory are free; use a smaller model, model_kwargs=dict(torch_dtype='
            "'bfloat16'), or a machine with more memory"
        )


def weight_bytes(folder: Path, dtype: Any) -> int:
    """What the weights of a folder take in memory as `dtype`."""
    files = list(folder.glob('*.safetensors')) or list(folder.glob('pytorch_model*.bin'))
    config = folder / 'config.json'
    saved = json.loads(config.read_text(encoding='utf-8')) if config.exists() else {}
    stored = BYTES.get(str(saved.get('dtype') or saved.get('torch_dtype')), 4)
    loaded = BYTES.get(str(dtype).removeprefix('torch.'), stored)
    return sum(file.stat().st_size for file in files) * loaded // stored


def dtype_of(kwargs: dict) -> Any:
    """The data type asked for; else half precision on a GPU, as published scores had it, and single on a CPU."""
    import torch

    asked = kwargs.get('torch_dtype', kwargs.get('dtype'))
    if asked is None:
        return torch.float16 if torch.cuda.is_available() else torch.float32
    if not isinstance(asked, str) or asked == 'auto':
        return asked
    found = getattr(torch, asked.removeprefix('torch.'), None)
    if not isinstance(found, torch.dtype):
        raise ValueError(
            f"torch_dtype {asked!r} is no data type of torch; use 'float32', 'bfloat16', 'float16' or 'auto'"
        )
    return found


def _loaded(factory: Any, folder: str, name: str, **kwargs: Any) -> Any:
    from safetensors import SafetensorError

    try:
        return factory.from_pretrained(folder, **kwargs)
    except SafetensorError as error:
        raise OSError(
            f'model {name}: a file of its weights in {folder} is damaged, copy or download it again: {error}'
        ) from error
    except OSError as error:
        first = str(error).strip().splitlines()[0]
        raise OSError(
            f'model {name}: neither a complete checkpoint at {folder} nor one that the hub gives: {first}'
        ) from error
