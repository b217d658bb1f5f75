"""LCSTS: headlines of Chinese short news."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line

STRAY_WORD = 'своей'  # Russian, of no meaning here; dropped from every published summary
LIST_MARKS = ('1. ', '- ')


@TEXT_POSTPROCESSORS.register_module('lcsts')
def lcsts_postprocess(text: str) -> str:
    """The first line without Chinese punctuation around it. A list mark at its start is dropped all through it."""
    headline = first_line(text.strip()).replace(STRAY_WORD, '').strip()
    for mark in LIST_MARKS:
        if headline.startswith(mark):
            headline = headline.replace(mark, '')
    return headline.strip('“”，。！')
