"""The web page's conversations: one model for all, nothing lost, and nobody kept waiting by those who left."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from apps import conversation
from apps.chat_text import CHINESE, ENGLISH, language_of, markdown
from apps.conversation import Conversation, Line, Message, as_json, as_markdown
from utils.chat import TooLong, Turn

SOON = 5.0


class Said:
    """An answer whose pieces come when they are let go; it notes when it is over."""

    def __init__(self, pieces: list[str], error: Exception | None = None) -> None:
        self._pieces, self._error = pieces, error
        self.begun, self.go_on, self.is_closed = threading.Event(), threading.Event(), threading.Event()
        self.dropped, self.tokens = 0, 0

    def __iter__(self) -> Iterator[str]:
        self.begun.set()
        for piece in self._pieces:
            self.tokens += 1
            yield piece
        assert self.go_on.wait(SOON)
        if self._error:
            raise self._error
        yield '.'

    def close(self) -> None:
        self.is_closed.set()


def asked(chat: Conversation, line: Line, question: str, said: Said) -> list[list[Turn]]:
    """Ask, and give the list into which the conversation goes that the model reads."""
    read: list[list[Turn]] = []

    def reply(turns: list[Turn]) -> Said:
        read.append(turns)
        return said

    chat.ask(question, line, reply)
    return read


def done(chat: Conversation) -> tuple[list[Message], str | None]:
    """What the conversation is when its answer is over: messages without times, and the draft."""
    answering = chat.now().answering
    assert answering is None or answering.done.wait(SOON)
    found = chat.now()
    assert found.answering is None
    return [Message(one.role, one.content, one.is_stopped) for one in found.messages], chat.draft


def test_a_whole_answer_is_in_the_conversation_that_the_next_question_continues() -> None:
    chat, line, first, second = Conversation(), Line(), Said(['yes']), Said([])
    for said in (first, second):
        said.go_on.set()
    assert asked(chat, line, 'one?', first) is not None
    done(chat)
    read = asked(chat, line, 'two?', second)
    assert done(chat) == (
        [Message('user', 'one?'), Message('assistant', 'yes.'), Message('user', 'two?'), Message('assistant', '.')],
        None,
    )
    assert read == [[Turn('user', 'one?'), Turn('assistant', 'yes.'), Turn('user', 'two?')]]
    assert first.is_closed.is_set()


def test_what_was_said_before_a_stop_stays() -> None:
    chat, said = Conversation(), Said(['a', 'b'])
    asked(chat, Line(), 'say', said)
    assert said.begun.wait(SOON)
    chat.now().answering.stop()
    said.go_on.set()
    messages, draft = done(chat)
    assert messages[0] == Message('user', 'say')
    assert messages[1].is_stopped
    assert messages[1].content.startswith('a')
    assert draft is None
    assert said.is_closed.is_set()


def test_a_new_question_stops_the_answer_before_it_and_follows_what_it_said() -> None:
    chat, line, first, second = Conversation(), Line(), Said(['a']), Said(['b'])
    asked(chat, line, 'one', first)
    assert first.begun.wait(SOON)
    for said in (first, second):
        said.go_on.set()
    asked(chat, line, 'two', second)
    messages, _ = done(chat)
    assert [message.role for message in messages] == ['user', 'assistant', 'user', 'assistant']
    assert messages[3].content == 'b.'


def test_sessions_take_turns_in_the_order_of_asking_and_see_how_many_come_before() -> None:
    line, chats, answers = Line(), [Conversation() for _ in range(3)], [Said([str(n)]) for n in range(3)]
    for number, (chat, said) in enumerate(zip(chats, answers, strict=True)):
        asked(chat, line, f'q{number}', said)
    assert answers[0].begun.wait(SOON)
    assert [chat.now().answering.ahead for chat in chats] == [0, 1, 2]
    assert not answers[1].begun.is_set()
    answers[0].go_on.set()
    assert answers[1].begun.wait(SOON)
    assert not answers[2].begun.is_set()
    assert [chat.now().answering.ahead for chat in chats[1:]] == [0, 1]
    for said in answers:
        said.go_on.set()
    assert [done(chat)[0][1].content for chat in chats] == ['0.', '1.', '2.']


def test_a_question_stopped_while_it_waits_comes_back_and_leaves_the_line() -> None:
    line, busy, waiting, first = Line(), Conversation(), Conversation(), Said([])
    asked(busy, line, 'long', first)
    assert first.begun.wait(SOON)
    read = asked(waiting, line, 'mine', Said([]))
    waiting.now().answering.stop()
    assert done(waiting) == ([], 'mine')
    assert read == []
    first.go_on.set()
    done(busy)


def test_a_tab_that_was_closed_frees_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, 'PATIENCE', 0.3)

    class Endless(Said):
        def __iter__(self) -> Iterator[str]:
            while True:
                time.sleep(0.01)
                yield 'x'

    line, left, here = Line(), Conversation(), Conversation()
    endless, said = Endless([]), Said([])
    said.go_on.set()
    asked(left, line, 'for ever', endless)
    asked(here, line, 'mine', said)
    end = time.monotonic() + SOON
    while here.now().answering is not None and time.monotonic() < end:
        here.now().answering.seen()
        time.sleep(0.02)
    assert done(here)[0][1] == Message('assistant', '.')
    assert endless.is_closed.is_set()
    assert done(left)[0][1].is_stopped


def test_a_question_that_is_too_long_comes_back_with_the_reason() -> None:
    chat = Conversation()

    def reply(turns: list[Turn]) -> Said:
        raise TooLong(99, 10)

    chat.ask('long', Line(), reply)
    assert done(chat) == ([], 'long')
    failure = chat.now().failure
    assert (failure.error.needed, failure.error.limit, failure.is_returned) == (99, 10, True)


def test_an_error_in_the_middle_keeps_what_was_said_and_the_line_moves_on(capfd: pytest.CaptureFixture) -> None:
    chat, line, said, next_one = Conversation(), Line(), Said(['half'], RuntimeError('no memory')), Said([])
    asked(chat, line, 'go', said)
    said.go_on.set()
    assert done(chat) == ([Message('user', 'go'), Message('assistant', 'half')], None)
    assert str(chat.now().failure.error) == 'no memory'
    assert not chat.now().failure.is_returned
    assert 'RuntimeError: no memory' in capfd.readouterr().err
    next_one.go_on.set()
    asked(chat, line, 'again', next_one)
    assert done(chat)[0][3] == Message('assistant', '.')
    assert chat.now().failure is None


def test_after_clear_an_answer_on_its_way_is_told_to_nobody() -> None:
    chat, said = Conversation(), Said(['secret'])
    asked(chat, Line(), 'q', said)
    assert said.begun.wait(SOON)
    chat.clear()
    said.go_on.set()
    assert said.is_closed.wait(SOON)
    assert done(chat) == ([], None)


def test_a_saved_conversation_is_what_was_said() -> None:
    messages = [Message('user', '你好\n?'), Message('assistant', ' Hi ', dropped=1, tokens=2)]
    assert json.loads(as_json(messages, 'nano')) == {
        'model': 'nano',
        'messages': [{'role': 'user', 'content': '你好\n?'}, {'role': 'assistant', 'content': ' Hi '}],
    }
    assert '你好' in as_json(messages, 'nano')
    saved = as_markdown(messages, 'Chat', {'user': 'You', 'assistant': 'It'})
    assert saved == '# Chat\n\n## You\n\n你好\n?\n\n## It\n\nHi\n'


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('one\ntwo', 'one  \ntwo'),
        ('costs $5 and $6', r'costs \$5 and \$6'),
        ('US$5-$20, then $x_1$.', r'US\$5-\$20, then $x_1$.'),
        (r'\(x+1\) \[ y \]', '$x+1$ $$ y $$'),
        (r'already \$5', r'already \$5'),
        ('$$\nx\n$$', '$$\nx\n$$'),
        ('see `$a\\(`: $3', 'see `$a\\(`: \\$3'),
        ('``` a ``` $3', '``` a ``` \\$3'),
        ('go\n```sh\necho $1\n\nls\n```\nfor $2', 'go  \n```sh\necho $1\n\nls\n```  \nfor \\$2'),
        ('std::cout, key:list[int], at 10:30', 'std::cout, key\\:list[int], at 10:30'),
        ('::foo[bar]\n:::note', '\\:\\:foo[bar]  \n\\:::note'),
        ('~~~\n$1', '~~~\n$1'),
        ('```c\nchar *s = "$5 ```\n', '```c\nchar *s = "$5 ```\n'),
    ],
)
def test_lines_stay_lines_prices_are_no_formulas_and_code_is_left_alone(text: str, shown: str) -> None:
    assert markdown(text) == shown


def test_both_languages_take_the_same_numbers_and_the_browsers_decides() -> None:
    for name, text in vars(ENGLISH).items():
        other = getattr(CHINESE, name)
        assert other
        assert other.count('{') == text.count('{'), name
    locales = ['zh-CN', 'zh', 'ZH-tw', 'en-US', 'de', None]
    assert [language_of(one) for one in locales] == ['中文', '中文', '中文', 'English', 'English', 'English']
