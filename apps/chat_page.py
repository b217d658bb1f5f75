"""The page: what was said, the input, one answer while it is written, and the settings beside it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import streamlit as st

from apps.chat_settings import Reply, Settings, settings_panel
from apps.chat_text import LANGUAGES, TITLE, Words, language_of, markdown
from apps.conversation import Answering, Conversation, Failure, Line, Message, State, as_json, as_markdown
from utils.chat import TooLong

#: Seconds between two looks at an answer on its way.
TICK = 0.1


class Service(NamedTuple):
    """What all sessions of the process share."""

    reply: Reply
    line: Line


def page(parser: ArgumentParser, load: Callable[[Namespace], Reply]) -> None:
    """Show the page. Streamlit runs this for each session, at each click.

    Args:
        parser: of the flags after `--`.
        load: makes the model, once in the life of the process.
    """
    st.set_page_config(page_title=TITLE, page_icon='🐯')
    chat: Conversation = st.session_state.setdefault('chat', Conversation())
    if chat.now().answering is not None:
        chat.now().answering.seen()
    with st.sidebar:
        words = LANGUAGES[_language()]
        tools = st.container()
    st.title(TITLE)
    asked = _asked(parser)
    service = _service(load, asked, words)
    with st.sidebar:
        settings = settings_panel(Settings.of(service.reply), words)
    stop = st.bottom.empty()
    question = _question(chat, words)
    if question:
        chat.ask(question, service.line, partial(settings.answer, service.reply))
    state = chat.now()
    for message in state.messages:
        _show(message, words)
    with tools:
        _tools(chat, state.messages, Path(asked.model_path).name, words)
    _rest(chat, state, stop, words)


def _language() -> str:
    """The language chosen, at first the browser's."""
    if 'language' not in st.session_state:
        st.session_state.language = language_of(st.context.locale)
    return st.radio('Language / 语言', list(LANGUAGES), key='language', horizontal=True, label_visibility='collapsed')


def _asked(parser: ArgumentParser) -> Namespace:
    """The flags; where they are wrong, page and terminal say so."""

    def refuse(message: str) -> NoReturn:
        sys.exit(f'{parser.format_usage()}error: {message}')

    parser.error = refuse
    try:
        return parser.parse_args()
    except SystemExit as error:
        _refuse(error.code or parser.format_help())


def _service(load: Callable[[Namespace], Reply], asked: Namespace, words: Words) -> Service:
    try:
        with st.spinner(words.loading):
            return _loaded(load, asked, tuple(sys.argv))
    except SystemExit as error:
        _refuse(error.code)


@st.cache_resource(show_spinner=False)
def _loaded(_load: Callable[[Namespace], Reply], _asked: Namespace, argv: tuple[str, ...]) -> Service:
    """Made once for the same flags, though many sessions ask at once."""
    return Service(_load(_asked), Line())


def _refuse(message: Any) -> NoReturn:
    """Show why there is no model, and nothing else."""
    print(message, file=sys.stderr)
    st.error('The page cannot start. / 页面无法启动。')
    st.code(message, language=None, wrap_lines=True)
    st.stop()


def _question(chat: Conversation, words: Words) -> str | None:
    """The question just sent. One that got no answer is put back into the box.

    Not placed by `st.bottom`: the page then follows an answer that grows.
    """
    if chat.draft is not None:
        st.session_state.question = chat.draft
        chat.draft = None
    question = st.chat_input(words.ask, key='question')
    return question if question and question.strip() else None


def _show(message: Message, words: Words) -> None:
    with st.chat_message(message.role):
        if message.role == 'user':
            st.text(message.content)
            return
        st.markdown(markdown(message.content) if message.content.strip() else words.nothing)
        notes = [words.speed.format(message.tokens, message.tokens / message.seconds)] if message.seconds else []
        notes += [words.stopped] if message.is_stopped else []
        notes += [words.dropped.format(message.dropped)] if message.dropped else []
        st.caption(' · '.join(notes))


def _tools(chat: Conversation, messages: list[Message], model: str, words: Words) -> None:
    """Clear and save, of a conversation that has begun."""
    nothing, names = not messages, {'user': words.user, 'assistant': words.assistant}
    st.button(words.clear, icon=':material/delete:', on_click=chat.clear, disabled=nothing, width='stretch')
    for column, label, data, kind in zip(
        st.columns(2),
        ('JSON', 'Markdown'),
        (as_json(messages, model), as_markdown(messages, TITLE, names)),
        ('json', 'md'),
        strict=True,
    ):
        column.download_button(
            label,
            data,
            f'conversation.{kind}',
            key=kind,
            help=words.save.format(label),
            icon=':material/download:',
            on_click='ignore',
            disabled=nothing,
            width='stretch',
        )


def _rest(chat: Conversation, state: State, stop: Any, words: Words) -> None:
    """What follows the messages: the answer on its way until it is there, or why there is none."""
    if state.answering is not None:
        _follow(state.answering, stop, words)
        st.rerun()
    if state.failure is not None:
        _tell(state.failure, words)
    if chat.draft is not None:
        st.rerun()


def _follow(answering: Answering, stop: Any, words: Words) -> None:
    """Show an answer until it is done. Each look sends something, for Streamlit ends a script only where it does."""
    is_stopped = answering.is_stopped
    stop.button(
        words.stopping if is_stopped else words.stop,
        icon=':material/stop_circle:',
        on_click=answering.stop,
        disabled=is_stopped,
        key='stop',
    )
    with st.chat_message('assistant'):
        box = st.empty()
    is_done = False
    while not is_done:
        answering.seen()
        if answering.ahead:
            box.caption(words.waiting.format(answering.ahead))
        elif answering.text:
            box.markdown(markdown(answering.text))
        else:
            box.caption(words.thinking)
        is_done = answering.done.wait(TICK)


def _tell(failure: Failure, words: Words) -> None:
    error = failure.error
    is_long = isinstance(error, TooLong)
    told = words.too_long.format(error.needed, error.limit) if is_long else words.failed
    st.error(f'{told} {words.returned}' if failure.is_returned else told)
    if not is_long:
        st.code(f'{type(error).__name__}: {error}', language=None, wrap_lines=True)
