"""Tokens back to text, also where an answer ends in the middle of a character."""

from __future__ import annotations

import codecs
import re
from itertools import groupby
from typing import TYPE_CHECKING

from ..utils.logging import get_logger

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BYTE = re.compile(r'<0x([0-9A-F]{2})>')
ONE_EACH = 'opencompass.one_each'

codecs.register_error(ONE_EACH, lambda error: ('\ufffd' * (error.end - error.start), error.end))  # type: ignore[attr-defined]


def decode(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> str:
    """The text of tokens without special ones.

    Some tokenizers spell rare characters as bytes. The library gives up a whole run of them, complete characters too,
    where an answer was cut off inside the last one; here, as in SentencePiece, only bytes without a character are lost.
    """
    tokens = tokenizer.convert_ids_to_tokens(ids, skip_special_tokens=True)
    backend = getattr(tokenizer, 'backend_tokenizer', None)
    if backend is None or backend.decoder is None or not any(BYTE.fullmatch(token) for token in tokens):
        return str(tokenizer.decode(ids, skip_special_tokens=True))
    pieces: list[str] = []
    for is_byte, group in groupby(tokens, key=lambda token: BYTE.fullmatch(token) is not None):
        run = list(group)
        pieces += [_characters(run)] if is_byte else run
    return str(backend.decoder.decode(pieces))


def _characters(tokens: list[str]) -> str:
    return bytes(int(token[3:5], 16) for token in tokens).decode('utf-8', ONE_EACH)


def until(ids: list[int], ends: set[int]) -> list[int]:
    """The tokens before the first end token."""
    return ids[: next((place for place, one in enumerate(ids) if one in ends), len(ids))]


def end_of_answer(meta_template: dict | None) -> str:
    """The text after which a model with this template has said all."""
    rounds = (meta_template or {}).get('round', [])
    answers = [role for role in rounds if isinstance(role, dict) and role.get('generate')]
    end = answers[0].get('end', '') if answers else ''
    if end and not isinstance(end, str):
        get_logger().warning(f'the end {end!r} of the answering role is no text; answers are not cut at it')
        return ''
    return end
