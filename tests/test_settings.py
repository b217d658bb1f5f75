"""Generation settings: the checkpoint's, with the flags on top."""

from __future__ import annotations

import pytest
from transformers import GenerationConfig

from utils.settings import flags, generation, loading_flags

OWN = GenerationConfig(
    do_sample=True, temperature=0.6, top_p=0.9, max_length=4096, eos_token_id=2, pad_token_id=0, repetition_penalty=1.2
)


def made(own: GenerationConfig, *line: str, **usual: object) -> dict:
    """What is set, for these flags."""
    parser = flags('usage')
    loading_flags(parser)
    found = generation(own, parser.parse_args(['--model_path', 'x', *line]), (7, 2), **usual)
    names = ('do_sample', 'temperature', 'top_p', 'top_k', 'repetition_penalty', 'max_length', 'max_new_tokens')
    return {name: getattr(found, name) for name in (*names, 'eos_token_id', 'pad_token_id', 'no_repeat_ngram_size')}


def test_checkpoint_says_what_the_flags_leave_open() -> None:
    assert made(OWN, repetition_penalty=1.08) == {
        'do_sample': True,
        'temperature': 0.6,
        'top_p': 0.9,
        'top_k': None,
        'repetition_penalty': 1.2,
        'max_length': None,
        'max_new_tokens': 1024,
        'eos_token_id': [2, 7],
        'pad_token_id': 0,
        'no_repeat_ngram_size': None,
    }
    assert OWN.max_length == 4096


def test_usual_value_holds_where_neither_checkpoint_nor_flag_says_one() -> None:
    bare = GenerationConfig(eos_token_id=[5, 6])
    assert made(bare, repetition_penalty=1.08)['repetition_penalty'] == 1.08
    assert made(bare, '--repetition_penalty', '1', repetition_penalty=1.08)['repetition_penalty'] == 1
    assert made(bare, no_repeat_ngram_size=4)['no_repeat_ngram_size'] == 4
    assert (made(bare)['eos_token_id'], made(bare)['pad_token_id']) == ([5, 6, 7, 2], 5)


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        (['--temperature', '0.3'], (True, 0.3, None)),
        (['--top_k=5'], (True, None, 5)),
        (['--temperature', '0'], (False, None, None)),
        (['--temperature', '0', '--do_sample', 'True', '--top_k', '3'], (False, None, None)),
        (['--do_sample', 'true'], (True, None, None)),
        (['--do_sample', 'False', '--temperature', '0.5'], (False, 0.5, None)),
        (['--seed', '3'], (False, None, None)),
    ],
)
def test_temperature_draws_and_zero_does_not(line: list[str], expected: tuple) -> None:
    found = made(GenerationConfig(do_sample=False), *line)
    assert (found['do_sample'], found['temperature'], found['top_k']) == expected
