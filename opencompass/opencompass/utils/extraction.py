"""Small steps that answer extractors are composed of."""

from __future__ import annotations

import re
from collections.abc import Iterable


def after(text: str, mark: str) -> str:
    """What follows the first `mark`, up to a second one; the whole text where there is none."""
    return text.split(mark)[1] if mark in text else text


def before(text: str, marks: Iterable[str]) -> str:
    """What stands before the first of some marks; the whole text without any."""
    return text[: min((place for mark in marks if (place := text.find(mark)) >= 0), default=len(text))]


def first_line(text: str) -> str:
    """The text before its first line feed; other line ends, also a carriage return before it, belong to the line."""
    return text.split('\n')[0]


def first_paragraph(text: str) -> str:
    """The text before its first empty line: a base model goes on with a question of its own."""
    return text.split('\n\n')[0]


def first_match(pattern: str, text: str) -> str:
    """The first match of the pattern, or of its group where it has one; '' if there is none."""
    found = re.search(pattern, text)
    return found[found.lastindex or 0] if found else ''


def last_boxed(text: str) -> str | None:
    """What the last LaTeX box, '\\boxed{...}', holds; None if there is no box, or the last one is not closed."""
    content = text.rpartition(r'\boxed')[2] if r'\boxed' in text else ''
    if not content.startswith('{'):
        return None
    depth = 0
    for place, sign in enumerate(content):
        depth += (sign == '{') - (sign == '}')
        if not depth:
            return content[1:place]
    return None
