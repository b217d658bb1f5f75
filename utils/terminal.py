"""The conversation in a terminal, for every script that has one."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from .chat import TooLong, Turn

RULE = '=' * 100
ASK = 'prompt("exit" to end, "clear" to clear session) >>> '
ASK_ALONE = 'prompt("exit" to end) >>> '


class Answer(Protocol):
    """Pieces of text, with counts; `utils.streaming.TextStream` is one."""

    dropped: int

    @property
    def tokens(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def close(self) -> None: ...


def terminal_chat(
    reply: Callable[[list[Turn]], Answer], keeps_session: bool = True, streams: bool = True, echo: bool = False
) -> None:
    """Ask and answer until `exit` or the end of the input.

    Ctrl-C stops an answer and keeps what was said; at the prompt it drops the line. A question that `reply` refuses
    with TooLong is told and forgotten. On a terminal lines can be edited and called back, and pasted lines are one
    question; in a pipe each line is one.

    Args:
        reply: from the conversation so far, the newest question last, to the answer.
        keeps_session: false asks each question alone; then there is no `clear`.
        streams: show each piece at once, not the whole answer at the end.
        echo: show the question before its answer, for text that is continued.
    """
    _prepared()
    turns: list[Turn] = []
    while (question := _asked(ASK if keeps_session else ASK_ALONE)) != 'exit':
        if not question:
            print('prompt should not be empty!')
        elif question == 'clear' and keeps_session:
            turns = []
            print('session cleared.')
        else:
            after = _answered(reply, [*turns, Turn('user', question)], streams, echo)
            turns = after if keeps_session else []
    print('session ended.')


def _asked(prompt: str) -> str:
    """The next question without blanks around it; `exit` at the end of the input."""
    while True:
        try:
            return input(prompt).strip()
        except KeyboardInterrupt:
            print()
        except EOFError:
            print()
            return 'exit'


def _answered(reply: Callable[[list[Turn]], Answer], turns: list[Turn], streams: bool, echo: bool) -> list[Turn]:
    """Show the answer between two rules, with its speed; gives the conversation from then on."""
    start = time.perf_counter()
    try:
        answer = reply(turns)
    except TooLong as error:
        print(error)
        return turns[:-1]
    if answer.dropped:
        print(f'(the {answer.dropped} oldest turns are left out from now on: the conversation is too long with them)')
    print(RULE)
    if echo:
        print(turns[-1].content, end='', flush=True)
    said = _shown(answer, streams)
    seconds = time.perf_counter() - start
    print(f'[time: {seconds:.4f} sec, speed: {answer.tokens / seconds:.4f} tok/sec]\n{RULE}')
    return [*turns[answer.dropped :], Turn('assistant', said)]


def _shown(answer: Answer, streams: bool) -> str:
    """Print the answer, up to Ctrl-C, and a line break; gives what was said."""
    said: list[str] = []
    mark = ''
    try:
        for piece in answer:
            said.append(piece)
            if streams:
                print(piece, end='', flush=True)
    except KeyboardInterrupt:
        mark = ' (stopped)'
    finally:
        answer.close()
    print(mark if streams else ''.join([*said, mark]))
    return ''.join(said)


def _prepared() -> None:
    """Give `input` the keys of a line editor where the system has one, and let no odd byte end the program."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='replace')
    if sys.stdin.isatty():
        with suppress(ImportError):
            import readline

            readline.parse_and_bind('set enable-bracketed-paste on')
