"""Answers of the embedded model to whole conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from utils.chat import ChatFormat, TooLong, Turn
from utils.modeling_hack import get_model
from utils.reply import Reply
from utils.settings import flags, generation

NANO = Path(__file__).resolve().parent.parent / 'assets' / 'tigerbot-nano'
QUESTION = Turn('user', 'What is 7 + 5?')


def made(variant: str, limit: int, *line: str, style: str | None = None, **how: Any) -> Reply:
    model, tokenizer, own = get_model(str(NANO / variant), dtype='float32')
    chat_format = ChatFormat.of(tokenizer, style)
    asked = flags('').parse_args(['--model_path', 'x', *line])
    return Reply(model, tokenizer, generation(own, asked, chat_format.stop_ids), chat_format, limit, **how)


def test_oldest_turns_are_left_out_and_their_number_told() -> None:
    reply = made('chat', 60)
    turns = [Turn('user', 'Hello'), Turn('assistant', 'Hello! ' * 20), QUESTION]
    answer = reply(turns)
    assert (answer.dropped, ''.join(answer), answer.is_finished) == (2, '12', True)
    answer = reply([Turn('user', 'Hello'), Turn('assistant', 'Hi'), QUESTION])
    assert (answer.dropped, ''.join(answer)) == (0, '12')
    with pytest.raises(TooLong):
        reply([Turn('user', 'x' * 100)])


def test_text_that_is_continued_stands_alone() -> None:
    reply = made('base', 20, '--max_generate_length', '3', style='plain', continues=True)
    text = Turn('user', 'The capital of')
    answer = reply([Turn('user', 'x' * 100), Turn('assistant', 'y'), text])
    assert (answer.dropped, ''.join(answer)) == (0, ''.join(reply([text])))


def test_same_seed_gives_the_same_answer() -> None:
    line = ('--temperature', '3', '--max_generate_length', '20')
    texts = [''.join(made('chat', 60, *line, seed=seed)([QUESTION])) for seed in (1, 1, 2)]
    assert (texts[0] == texts[1], texts[0] == texts[2]) == (True, False)
