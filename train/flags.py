"""Flags of the training scripts: those of the data, and transformers' TrainingArguments under old and new names."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from transformers import HfArgumentParser, TrainingArguments
from transformers.integrations import is_tensorboard_available
from transformers.utils import is_torch_tf32_available

from utils.chat import STYLES

#: What a flag of older versions of transformers is called today.
RENAMED = {
    '--evaluation_strategy': '--eval_strategy',
    '--no_cuda': '--use_cpu',
    '--per_gpu_train_batch_size': '--per_device_train_batch_size',
    '--per_gpu_eval_batch_size': '--per_device_eval_batch_size',
    '--warmup_ratio': '--warmup_steps',
}
#: Switches of older versions, and what says the same today.
REPLACED = {
    '--group_by_length': ['--train_sampling_strategy', 'group_by_length'],
    '--adafactor': ['--optim', 'adafactor'],
}
#: Flags of older versions without a meaning today.
GONE = ('--save_safetensors', '--fp16_backend', '--fp16_opt_level', '--half_precision_backend', '--use_ipex')
FALSE = ('false', 'no', '0', 'off')

Flags = TypeVar('Flags', bound='DataFlags')


@dataclass
class DataFlags:
    """Checkpoint and data of a training."""

    model_name_or_path: str = field(metadata={'help': 'folder of a checkpoint, or hub name'})
    dataset_name: str | None = field(
        default=None,
        metadata={'help': 'hub name or folder of a data set, with the splits train and validation; wins over files'},
    )
    train_file_path: str | None = field(
        default=None, metadata={'help': 'file of JSON lines, JSON file with a list, or a folder of such files'}
    )
    validate_file_path: str | None = field(
        default=None, metadata={'help': 'the same for validation; without it the last fifth of the records is taken'}
    )
    max_length: int = field(default=1024, metadata={'help': 'tokens of a row (packed), or of an example'})
    text_key_name: str = field(default='content', metadata={'help': 'key of the text in records of plain texts'})
    preprocess_num_workers: int = field(default=8, metadata={'help': 'processes that tokenize'})
    packing: bool = field(
        default=False,
        metadata={'help': 'put examples together in rows of max_length tokens; a batch then counts rows'},
    )
    pad_to_max_length: bool = field(
        default=False, metadata={'help': 'batches of one shape, each row padded to max_length; slower on most devices'}
    )
    streaming: bool = field(
        default=False, metadata={'help': 'read and tokenize while training, for data larger than memory and disk'}
    )
    prompt_format: str = field(
        default='tigerbot', metadata={'help': 'spelling of conversations: ' + ', '.join(STYLES), 'choices': STYLES}
    )
    attn_implementation: str | None = field(
        default=None, metadata={'help': 'flash_attention_2, sdpa or eager; the fastest that is installed if left out'}
    )
    trust_remote_code: bool = field(default=False, metadata={'help': 'run Python code that comes with the checkpoint'})
    muon: bool = field(
        default=False,
        metadata={'help': 'Muon for the matrices of the layers, AdamW for all else'},
    )
    save_dtype: str | None = field(
        default=None,
        metadata={'help': 'bfloat16, float16 or float32 for the model saved at the end; as trained if left out'},
    )
    overwrite_output_dir: bool = field(
        default=False, metadata={'help': 'start at step 0 in a folder that has checkpoints, without a warning'}
    )


@dataclass
class SFTConfig(DataFlags):
    """Flags of train_sft.py."""


@dataclass
class PretrainConfig(DataFlags):
    """Flags of train_clm.py."""

    packing: bool = field(
        default=True, metadata={'help': 'put documents together in rows of max_length tokens; a batch counts rows'}
    )


def parse(kind: type[Flags], words: Sequence[str] | None = None) -> tuple[Flags, TrainingArguments]:
    """Flags of a script and transformers' arguments, from a command line; the program ends at an unknown flag."""
    given = modern(list(sys.argv[1:] if words is None else words))
    parser = HfArgumentParser([kind, TrainingArguments])
    try:
        flags, args, unknown = parser.parse_args_into_dataclasses(given, return_remaining_strings=True)
    except ValueError as error:
        sys.exit(f'error: {error}')
    if unknown:
        sys.exit(f'error: {_unknown(unknown, list(parser._option_string_actions))}; --help shows all flags')
    return flags, args


def modern(words: list[str]) -> list[str]:
    """A command line with old flags under their new names, and defaults for this machine."""
    found: list[str] = []
    for flag, values in _groups(words):
        is_off = bool(values) and values[0].lower() in FALSE
        if flag in GONE or flag == '--tf32' and not is_torch_tf32_available():
            print(f'{flag} does nothing here and is left out', file=sys.stderr)
        elif flag in REPLACED:
            found += [] if is_off else REPLACED[flag]
        else:
            found += [RENAMED.get(flag, flag), *values]
    return found + _defaults(found)


def _groups(words: list[str]) -> list[tuple[str, list[str]]]:
    """Each flag with its values, `--flag=value` taken apart; words before the first flag stand alone."""
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith('--'):
            flag, has_value, value = word.partition('=')
            found.append((flag, [value] if has_value else []))
        elif found:
            found[-1][1].append(word)
        else:
            found.append((word, []))
    return found


def _defaults(words: list[str]) -> list[str]:
    """TensorBoard where installed; the CPU where there is nothing else: transformers wants to be told for bf16."""
    found: list[str] = []
    if '--report_to' not in words and is_tensorboard_available():
        found += ['--report_to', 'tensorboard']
    if '--use_cpu' not in words and not torch.accelerator.is_available():
        found += ['--use_cpu', 'True']
    return found


def _unknown(words: list[str], known: list[str]) -> str:
    def answer(word: str) -> str:
        near = difflib.get_close_matches(word, known, 1)
        return f'unknown flag {word}' + (f'; did you mean {near[0]}?' if near else '')

    return ', '.join(answer(word) for word in words if word.startswith('-')) or f'unknown words {" ".join(words)}'
