"""Flags that the scripts share, and the generation settings that they make."""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import GenerationConfig

    from .modeling_hack import Loaded

#: Of answers where neither a flag nor the checkpoint says it, as ever in infer.py.
REPETITION_PENALTY = 1.08
TRUE, FALSE = ('true', 'yes', '1', 'on'), ('false', 'no', '0', 'off')


def boolean(text: str) -> bool:
    """'True' or 'False', in any case, as the value of a flag."""
    if text.lower() in TRUE + FALSE:
        return text.lower() in TRUE
    raise argparse.ArgumentTypeError(f'give True or False, not {text!r}')


def number(kind: type[int] | type[float], low: float, high: float = float('inf')) -> Callable[[str], float]:
    """A reader of a flag's value that has to lie between two bounds, both allowed."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            limits = f'from {low} to {high}' if high != float('inf') else f'of at least {low}'
            name = 'a whole number' if kind is int else 'a number'
            raise argparse.ArgumentTypeError(f'give {name} {limits}, not {text!r}')
        return value

    return read


def flags(usage: str, max_generate_length: int = 1024, model_path: str | None = None) -> argparse.ArgumentParser:
    """The flags of every script that answers; `usage` is the script's docstring. Unknown flags are refused.

    Args:
        max_generate_length: where the flag is left out.
        model_path: where the flag is left out, or None: it has to be given.
    """
    parser = argparse.ArgumentParser(
        description=usage, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    add = parser.add_argument
    usual = f' ({model_path})' if model_path else ''
    add(
        '--model_path',
        required=model_path is None,
        default=model_path,
        metavar='M',
        help=f'folder of a checkpoint, or hub name{usual}',
    )
    add('--max_input_length', type=number(int, 1), default=1024, metavar='N', help='most tokens of a prompt (1024)')
    add(
        '--max_generate_length',
        type=number(int, 1),
        default=max_generate_length,
        metavar='N',
        help=f'most tokens of an answer ({max_generate_length})',
    )
    draw = parser.add_argument_group(
        'generation', "Where a flag is left out, the checkpoint's generation_config holds."
    )
    add = draw.add_argument
    add('--do_sample', type=boolean, metavar='True', help='draw tokens; a temperature, top_p or top_k does so too')
    add('--temperature', type=number(float, 0), metavar='T', help='0 always takes the likeliest token')
    add(
        '--top_p',
        type=number(float, 0, 1),
        metavar='P',
        help='draw from the likeliest tokens of this total probability',
    )
    add('--top_k', type=number(int, 0), metavar='K', help='draw from so many likeliest tokens; 0 from all')
    add(
        '--repetition_penalty',
        type=number(float, 0.01),
        metavar='R',
        help='above 1 avoids what was said; 1 does nothing',
    )
    add('--seed', type=number(int, 0), metavar='S', help='the same draws for the same question')
    return parser


def loading_flags(parser: argparse.ArgumentParser) -> None:
    """The flags of `get_model`."""
    group = parser.add_argument_group('loading')
    group.add_argument(
        '--rope_scaling', choices=('yarn', 'dynamic'), help='read texts longer than the model was trained on'
    )
    group.add_argument(
        '--rope_factor', type=number(float, 1), default=8.0, metavar='F', help='how many times as long (8.0)'
    )
    group.add_argument(
        '--dtype',
        choices=('bfloat16', 'float16', 'float32'),
        help='of the weights; 16 bit where the device computes it, if left out',
    )
    group.add_argument(
        '--trust_remote_code', action='store_true', help='run Python code that comes with the checkpoint'
    )


@contextmanager
def told(*others: type[Exception]) -> Iterator[None]:
    """End the program with the message alone of an error that its user can mend: a path, a value, a package, others."""
    known: tuple[type[Exception], ...] = (OSError, ValueError, ImportError, *others)
    try:
        yield
    except known as error:
        sys.exit(f'error: {error}')


def load(asked: argparse.Namespace, get: Callable[..., Loaded] | None = None) -> Loaded:
    """`get_model` as the flags of `flags` and `loading_flags` say, with a warning of lengths beyond the model's own.

    Args:
        get: what to call in place of `get_model`, in the same way.
    """
    from .modeling_hack import get_model, warn_of_length

    print(f'Loading model from {asked.model_path}...')
    with told():
        loaded = (get or get_model)(
            asked.model_path,
            asked.rope_scaling,
            asked.rope_factor,
            dtype=asked.dtype,
            trust_remote_code=asked.trust_remote_code,
        )
    print('Done')
    warn_of_length(loaded.model.config, asked.max_input_length + asked.max_generate_length)
    return loaded


def generation(
    own: GenerationConfig, asked: argparse.Namespace, stop_ids: Iterable[int] = (), **usual: object
) -> GenerationConfig:
    """A checkpoint's generation settings with the flags on top.

    Args:
        asked: of `flags`.
        stop_ids: tokens that end an answer, besides the checkpoint's own.
        usual: settings for what neither a flag nor the checkpoint says.
    """
    made = copy.deepcopy(own)
    made.max_length, made.max_new_tokens = None, asked.max_generate_length
    names = ('do_sample', 'temperature', 'top_p', 'top_k', 'repetition_penalty')
    given = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
    if given.get('temperature') == 0:
        given = {name: value for name, value in given.items() if name == 'repetition_penalty'} | {'do_sample': False}
    elif given.keys() & {'temperature', 'top_p', 'top_k'}:
        given = {'do_sample': True, **given}
    given = {**{name: value for name, value in usual.items() if getattr(made, name, None) is None}, **given}
    for name, value in given.items():
        setattr(made, name, value)
    ends = made.eos_token_id if isinstance(made.eos_token_id, list) else [made.eos_token_id]
    made.eos_token_id = [one for one in dict.fromkeys([*ends, *stop_ids]) if one is not None] or None
    if made.pad_token_id is None and made.eos_token_id:
        made.pad_token_id = made.eos_token_id[0]
    return made
