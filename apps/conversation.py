"""Conversations of a web page whose visitors share one model."""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from utils.chat import TooLong, Turn
from utils.terminal import Answer

#: An answer ends when its page has not asked for it for so many seconds: its tab is closed.
PATIENCE = 3.0


@dataclass(frozen=True)
class Message:
    """What one side said; of an answer also how it came to be."""

    role: str
    content: str
    is_stopped: bool = False
    #: Oldest turns that the model did not read.
    dropped: int = 0
    tokens: int = 0
    seconds: float = 0.0


class Failure(NamedTuple):
    """Why a question has no answer, or no whole one; `is_returned` where nothing was said and it comes back."""

    error: Exception
    is_returned: bool


class State(NamedTuple):
    """A conversation at one moment."""

    messages: list[Message]
    answering: Answering | None
    failure: Failure | None


class Line:
    """Those who want the model: one has it at a time, in the order of their coming."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[object] = []

    def join(self, who: object) -> None:
        with self._changed:
            self._waiting.append(who)

    def ahead(self, who: object) -> int:
        """How many come before."""
        with self._changed:
            return self._waiting.index(who) if who in self._waiting else 0

    @contextmanager
    def turn(self, who: object, has_enough: Callable[[], bool]) -> Iterator[None]:
        """The time of one who joined. It comes at once for those who have enough, so that they can leave."""
        try:
            with self._changed:
                while self._waiting[0] is not who and not has_enough():
                    self._changed.wait(0.1)
            yield
        finally:
            with self._changed:
                self._waiting.remove(who)
                self._changed.notify_all()


class Answering:
    """An answer on its way, in a thread of its own: no rerun of the page touches it.

    It ends at its next piece after `stop()`, and when nobody called `seen()` for PATIENCE seconds.
    """

    def __init__(self, line: Line, reply: Callable[[], Answer], when_done: Callable[[Answering], None]) -> None:
        self._line, self._reply, self._when_done = line, reply, when_done
        self._stop = threading.Event()
        self._seen = time.monotonic()
        self.text, self.dropped, self.tokens, self.seconds = '', 0, 0, 0.0
        self.error: Exception | None = None
        self.done = threading.Event()
        line.join(self)
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def ahead(self) -> int:
        """How many answers come before this one begins."""
        return self._line.ahead(self)

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set() or time.monotonic() - self._seen > PATIENCE

    def seen(self) -> None:
        """Someone still wants this answer."""
        self._seen = time.monotonic()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        try:
            with self._line.turn(self, lambda: self.is_stopped):
                if not self.is_stopped:
                    self._listen()
        except Exception as error:
            self.error = error
            if not isinstance(error, TooLong):
                traceback.print_exception(error, file=sys.stderr)
        finally:
            self._when_done(self)
            self.done.set()

    def _listen(self) -> None:
        start = time.perf_counter()
        with closing(self._reply()) as answer:
            self.dropped = answer.dropped
            for piece in answer:
                self.text += piece
                self.tokens, self.seconds = answer.tokens, time.perf_counter() - start
                if self.is_stopped:
                    self._stop.set()
                    break


class Conversation:
    """What was said in one tab, and the answer that is on its way."""

    def __init__(self) -> None:
        self._state = State([], None, None)
        self._lock = threading.Lock()
        #: A question about which nothing was said, to be edited.
        self.draft: str | None = None

    def now(self) -> State:
        return self._state

    def ask(self, question: str, line: Line, reply: Callable[[list[Turn]], Answer]) -> None:
        """Begin an answer; one that is still on its way is stopped, and what it said stays."""
        if self._state.answering is not None:
            self._state.answering.stop()
            self._state.answering.done.wait()
        messages = [*self._state.messages, Message('user', question)]
        turns = [Turn(message.role, message.content) for message in messages]
        with self._lock:
            self.draft = None
            self._state = State(messages, Answering(line, lambda: reply(turns), self._keep), None)

    def clear(self) -> None:
        """Forget everything; an answer on its way ends and is told to nobody."""
        with self._lock:
            if self._state.answering is not None:
                self._state.answering.stop()
            self._state, self.draft = State([], None, None), None

    def _keep(self, done: Answering) -> None:
        """Put what was said into the conversation, or the question back into the hands of who asked it."""
        with self._lock:
            messages, answering, _ = self._state
            if answering is not done:
                return
            is_returned = not done.text and (done.error is not None or done.is_stopped)
            failure = Failure(done.error, is_returned) if done.error else None
            if is_returned:
                self._state, self.draft = State(messages[:-1], None, failure), messages[-1].content
            else:
                said = Message('assistant', done.text, done.is_stopped, done.dropped, done.tokens, done.seconds)
                self._state = State([*messages, said], None, failure)


def as_json(messages: list[Message], model: str) -> str:
    """The conversation for programs: the model's name and messages of role and content."""
    turns = [{'role': message.role, 'content': message.content} for message in messages]
    return json.dumps({'model': model, 'messages': turns}, ensure_ascii=False, indent=2) + '\n'


def as_markdown(messages: list[Message], title: str, names: dict[str, str]) -> str:
    """The conversation for people; `names` are those of the roles."""
    parts = [f'## {names[message.role]}\n\n{message.content.strip()}' for message in messages]
    return '\n\n'.join([f'# {title}', *parts]) + '\n'
