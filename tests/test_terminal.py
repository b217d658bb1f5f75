"""The conversation in a terminal: its words, its rules, and the conversations that were recorded of it."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from utils.chat import ChatFormat, TooLong, Turn
from utils.terminal import ASK, RULE, terminal_chat

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
SPEED = re.compile(r'\[time: \d+\.\d{4} sec, speed: \d+\.\d{4} tok/sec\]\n')


class Said:
    """An answer whose pieces are given; an exception among them is raised."""

    def __init__(self, *pieces: str | BaseException, dropped: int = 0) -> None:
        self.pieces, self.dropped, self.tokens = pieces, dropped, len(pieces)
        self.is_closed = False

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    def close(self) -> None:
        self.is_closed = True


def session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, lines: str, answers: list, **how: Any
) -> tuple[list[list[Turn]], str]:
    """The conversations that were asked for, and what was shown, without times."""
    asked: list[list[Turn]] = []
    given = iter(answers)

    def reply(turns: list[Turn]) -> Said:
        asked.append(turns)
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(sys, 'stdin', io.StringIO(lines))
    terminal_chat(reply, **how)
    return asked, SPEED.sub('', capsys.readouterr().out)


def conversation(*texts: str) -> list[Turn]:
    return [Turn(('user', 'assistant')[place % 2], text) for place, text in enumerate(texts)]


def test_session_grows_until_clear(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    answers = [Said('A', ' b\n', '  c'), Said(), Said('d')]
    asked, shown = session(monkeypatch, capsys, 'one\n\n \t\n two \nclear\nthree\nexit\nfour\n', answers)
    first = conversation('one', 'A b\n  c', 'two')
    assert asked == [first[:1], first, conversation('three')]
    empty = f'{ASK}prompt should not be empty!\n'
    assert shown == (
        f'{ASK}{RULE}\nA b\n  c\n{RULE}\n{empty}{empty}{ASK}{RULE}\n\n{RULE}\n'
        f'{ASK}session cleared.\n{ASK}{RULE}\nd\n{RULE}\n{ASK}session ended.\n'
    )


@pytest.mark.parametrize('streams', [True, False])
def test_stopped_answer_is_kept_and_the_session_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, streams: bool
) -> None:
    stopped = Said('Well', ', ', KeyboardInterrupt(), 'never')
    asked, shown = session(monkeypatch, capsys, 'one\ntwo\n', [stopped, Said('ok')], streams=streams)
    assert asked == [conversation('one'), conversation('one', 'Well, ', 'two')]
    assert (stopped.is_closed, f'Well,  (stopped)\n{RULE}\n' in shown, 'never' in shown) == (True, True, False)
    assert shown.endswith(f'{ASK}\nsession ended.\n')


def test_question_that_is_too_long_is_told_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    asked, shown = session(monkeypatch, capsys, 'one\ntwo\nthree', [Said('a'), TooLong(70, 64), Said('b')])
    assert asked[2] == conversation('one', 'a', 'three')
    told = 'the question takes 70 tokens and at most 64 are allowed; shorten it or raise max_input_length\n'
    assert f'{ASK}{told}{ASK}' in shown


def test_turns_that_no_longer_fit_are_told_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    answers = [Said('a'), Said('b', dropped=2), Said('c')]
    asked, shown = session(monkeypatch, capsys, 'one\ntwo\nthree', answers)
    assert asked[2] == conversation('two', 'b', 'three')
    assert shown.count('(the 2 oldest turns are left out from now on') == 1


def test_alone_each_text_is_shown_with_what_follows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    answers = [Said(' big cat'), Said('!')]
    asked, shown = session(monkeypatch, capsys, 'a\nclear\nexit', answers, keeps_session=False, echo=True)
    assert asked == [conversation('a'), conversation('clear')]
    ask = 'prompt("exit" to end) >>> '
    assert shown == f'{ask}{RULE}\na big cat\n{RULE}\n{ask}{RULE}\nclear!\n{RULE}\n{ask}session ended.\n'


#: Recorded conversations that end otherwise here, and why.
CORRECTED = {
    'infer-chat-no-eos': 'an answer that was cut has no end token in the session; here every answer ends',
    'infer-empty-answer': 'the second answer was cut',
    'infer-chat-empty-and-blank': 'a line of blanks was sent',
    'infer-chat-truncated': 'the newest question was cut',
    'infer-chat-long-single': 'the newest question was cut',
    'infer-chat-type-upper': 'CHAT was base',
    'infer-base-truncated': 'the newest text was cut',
    'infer-bad-type': 'argparse refuses it',
    'infer-bad-rope': 'argparse refuses it',
}


def test_recorded_conversations_are_reproduced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """But for two defects: the missing BOS of chats, and the end token that was shown."""
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    shown_of = {one['id']: one['expected'] for one in cases if one['kind'] == 'transcript'}
    cases = [one for one in cases if one.get('script') == 'infer.py' and one['kind'] == 'prompt']
    tokenizer = AutoTokenizer.from_pretrained(CONFORMANCE / 'models' / 'tiny-llama')
    replayed = [one for one in cases if one['id'] not in CORRECTED]
    for case in replayed:
        is_base = case['flags'].get('model_type') == 'base'
        answers = [Said(answer.removesuffix('<cut>')) for answer in case['answers']]
        asked, shown = session(monkeypatch, capsys, '\n'.join(case['stdin']), answers)
        made = ChatFormat.of(tokenizer, 'plain' if is_base else 'tigerbot')
        texts = [turn['text'].removeprefix('<s>') for turn in case['expected']['turns']]
        sent = [made.ids(turns[-1:] if is_base else turns) for turns in asked]
        assert sent == [tokenizer(text)['input_ids'] for text in texts], case['id']
        # At the end of the input there was an exception.
        assert shown.startswith(shown_of[f'{case["id"]}-stdout'].replace('</s>', '')), case['id']
    assert (len(cases), len(replayed)) == (20, 11)


def test_recorded_texts_to_go_on_with_are_reproduced() -> None:
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    cases = [one for one in cases if one.get('script') == 'other_infer/infer_pretrain.py' and one['kind'] == 'prompt']
    tokenizer = AutoTokenizer.from_pretrained(CONFORMANCE / 'models' / 'tiny-llama')
    made = ChatFormat.of(tokenizer, 'plain')
    turns = [turn for one in cases if not one['id'].endswith('truncated-left') for turn in one['expected']['turns']]
    for turn in turns:
        ids = made.ids(conversation(turn['text']))
        assert (tokenizer.decode(ids), len(ids)) == (turn['model_sees'], turn['n_input_ids'])
    assert (len(cases), len(turns)) == (4, 6)
