"""Settings of one answer, and the sidebar in which a visitor sets them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from apps.chat_text import Words
from utils.chat import ChatFormat, Turn
from utils.settings import generation
from utils.terminal import Answer

#: `generate` draws from so many tokens where nothing is said.
USUAL_TOP_K = 50


class Reply(Protocol):
    """A loaded model with its settings, as `utils.reply.Reply` is."""

    generation_config: Any
    chat_format: ChatFormat
    seed: int | None

    def __call__(self, turns: Sequence[Turn]) -> Answer: ...


@dataclass(frozen=True)
class Settings:
    """Named as the flags are, so that `utils.settings.generation` takes them. A temperature of 0 draws nothing."""

    temperature: float
    top_p: float
    top_k: int
    repetition_penalty: float
    max_generate_length: int
    seed: int | None
    do_sample: bool | None = None

    @classmethod
    def of(cls, reply: Reply) -> Settings:
        """Those with which a reply was loaded."""
        config = reply.generation_config
        return cls(
            temperature=float(_or(config.temperature, 1.0)) if config.do_sample else 0.0,
            top_p=float(_or(config.top_p, 1.0)),
            top_k=_or(config.top_k, USUAL_TOP_K),
            repetition_penalty=float(_or(config.repetition_penalty, 1.0)),
            max_generate_length=config.max_new_tokens,
            seed=reply.seed,
        )

    def answer(self, reply: Reply, turns: Sequence[Turn]) -> Answer:
        """The answer of a reply with these settings, which leave those of others as they are."""
        own = copy.copy(reply)
        own.generation_config = generation(reply.generation_config, self, reply.chat_format.stop_ids)
        own.seed = self.seed
        return own(turns)


def settings_panel(usual: Settings, words: Words) -> Settings:
    """The settings as this session has set them, at first the usual ones."""
    st.subheader(words.settings)
    temperature = st.slider(
        words.temperature,
        0.0,
        max(2.0, usual.temperature),
        usual.temperature,
        0.05,
        key='temperature',
        help=words.temperature_help,
    )
    top_p, top_k, seed = _draws(usual, words, is_greedy=temperature == 0)
    penalty = st.slider(
        words.repetition_penalty,
        min(1.0, usual.repetition_penalty),
        max(2.0, usual.repetition_penalty),
        usual.repetition_penalty,
        0.01,
        key='repetition_penalty',
        help=words.repetition_penalty_help,
    )
    most = usual.max_generate_length
    longest = st.number_input(words.max_length, 1, most, most, key='max_length', help=words.max_length_help)
    return Settings(temperature, top_p, top_k, penalty, longest, seed)


def _draws(usual: Settings, words: Words, is_greedy: bool) -> tuple[float, int, int | None]:
    """top_p, top_k and seed, which mean nothing where the likeliest token is taken."""
    return (
        st.slider(words.top_p, 0.0, 1.0, usual.top_p, 0.01, key='top_p', help=words.top_p_help, disabled=is_greedy),
        st.number_input(words.top_k, 0, None, usual.top_k, key='top_k', help=words.top_k_help, disabled=is_greedy),
        st.number_input(
            words.seed, 0, None, usual.seed, key='seed', help=words.seed_help, placeholder='', disabled=is_greedy
        ),
    )


def _or(value: Any, usual: Any) -> Any:
    return usual if value is None else value
