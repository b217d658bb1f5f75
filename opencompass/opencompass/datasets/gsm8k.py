"""GSM8K: the answers to grade-school maths problems."""

from __future__ import annotations

import re

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after, first_paragraph

ANSWER_MARK = '#### '


@TEXT_POSTPROCESSORS.register_module('gsm8k')
def gsm8k_postprocess(text: str) -> str:
    """The digits of the last word with a digit in the first paragraph, '' if there is none.

    Words end at blanks only, and everything but digits is dropped from them, so that '3.5' gives '35' and '-7' gives
    '7': published scores of GSM8K, whose answers are whole numbers, are counted so.
    """
    words = [word for word in first_paragraph(text).split(' ') if re.search(r'\d', word)]
    return re.sub(r'\D', '', words[-1]) if words else ''


@TEXT_POSTPROCESSORS.register_module('gsm8k_dataset')
def gsm8k_dataset_postprocess(text: str) -> str:
    """The final number of a reference solution, without its thousands separators."""
    if ANSWER_MARK not in text:
        raise ValueError(f'expected a GSM8K solution with {ANSWER_MARK!r} before its answer, found {text[:200]!r}')
    return after(text, ANSWER_MARK).replace(',', '')
