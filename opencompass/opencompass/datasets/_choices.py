"""Answers as letters, and choices as columns. Errors say what was found; the caller knows where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: The letter of a row whose answer is not published.
UNLABELLED = 'NULL'
TRUE_IS_A = {'true': 'A', 'false': 'B', True: 'A', False: 'B'}


def letter(label: Any, letters: str, first: int = 0) -> str:
    """The letter of a label that is a number, or a text of one; `first` is the label of the first letter."""
    try:
        number = int(label) - first
    except (TypeError, ValueError):
        number = -1
    if not 0 <= number < len(letters):
        raise ValueError(f'the label {label!r}')
    return letters[number]


def named(label: Any, letters: Mapping[Any, str]) -> str:
    """The letter of a label that is a name."""
    if label not in letters:
        raise ValueError(f'the label {label!r}')
    return letters[label]


def is_true(label: Any) -> bool:
    """Whether a label says true: `true` itself, or the text in lower case; published scores take 'True' for false."""
    return label is True or label == 'true'


def columns_of(choices: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The choices by the names of their columns. More choices are dropped, fewer are an error."""
    if len(choices) < len(names):
        raise ValueError(f'only the choices {choices}')
    return dict(zip(names, choices, strict=False))


def noun_and_pronoun(row: dict) -> dict[str, str]:
    """The columns of a Winograd row that asks whether `span2` in the `text` means `span1`; `label` is A if it does."""
    return {**_spans(row), 'text': row['text'], 'label': named(row['label'], TRUE_IS_A)}


def noun_for_pronoun(row: dict, parts: list[str], glue: str) -> dict:
    """The columns of a Winograd row that asks which of two texts is likelier: in `new_text` the part of the text where
    the pronoun should begin gives way to the noun, whatever it is. `answer` is 1 where that keeps the meaning."""
    index = row['target']['span2_index']
    if not 0 <= index < len(parts):
        raise ValueError(f'the span2_index {index}, which is not in the text')
    parts[index] = row['target']['span1_text']
    return {'new_text': glue.join(parts), 'answer': int(is_true(row['label'])), **_spans(row)}


def _spans(row: dict) -> dict[str, str]:
    return {'span1': row['target']['span1_text'], 'span2': row['target']['span2_text']}
