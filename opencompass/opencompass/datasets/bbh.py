"""BIG-Bench Hard: 27 tasks with a letter or a short text as the answer."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after, first_line, first_match

ANSWER_MARK = 'answer is '


@TEXT_POSTPROCESSORS.register_module('bbh-mcq')
def bbh_mcq_postprocess(text: str) -> str:
    """The first capital letter after a bracket in the answer, else its first capital, else the answer as it is."""
    answer = _answer(text)
    return first_match(r'\(([A-Z])', answer) or first_match('[A-Z]', answer) or answer


@TEXT_POSTPROCESSORS.register_module('bbh-freeform')
def bbh_freeform_postprocess(text: str) -> str:
    """The first line of the answer without one full stop at its end; blanks before that full stop stay."""
    return first_line(_answer(text)).removesuffix('.')


def _answer(text: str) -> str:
    """What follows the first 'answer is ', up to a second one, stripped; without it the whole text, not stripped."""
    return after(text, ANSWER_MARK).strip() if ANSWER_MARK in text else text
