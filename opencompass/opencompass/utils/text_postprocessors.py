"""Answers out of generated texts, in ways that many benchmarks share."""

from __future__ import annotations

import re

from opencompass.registry import TEXT_POSTPROCESSORS

from .extraction import first_match
from .optional import optional


@TEXT_POSTPROCESSORS.register_module('general')
def general_postprocess(text: str) -> str:
    """The text before its first line break, full stop or comma, without punctuation and English articles."""
    words = re.sub(r'[^\w\s]', '', re.split(r'[\n.,]', text, maxsplit=1)[0])
    return ' '.join(re.sub(r'\b(a|an|the)\b', '', words, flags=re.IGNORECASE).split())


@TEXT_POSTPROCESSORS.register_module('general_cn')
def general_cn_postprocess(text: str) -> str:
    """The raw text with blanks between its Chinese words; what is punctuation, an article or a blank stays."""
    if not isinstance(text, str):
        raise TypeError(f'general_cn_postprocess cleans a text, not {text!r}')
    jieba = optional('jieba', 'jieba', 'general_cn_postprocess')
    return ' '.join(jieba.cut(text))


@TEXT_POSTPROCESSORS.register_module('first-capital')
def first_capital_postprocess(text: str) -> str:
    """The first capital letter of any script, '' if there is none."""
    return next((letter for letter in text if letter.isupper()), '')


@TEXT_POSTPROCESSORS.register_module('first-capital-multi')
def first_capital_postprocess_multi(text: str) -> str:
    """The first run of the letters A to D, '' if there is none."""
    return first_match(r'[A-D]+', text)
