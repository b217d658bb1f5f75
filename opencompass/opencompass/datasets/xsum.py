"""XSum: one-sentence summaries of BBC news."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line


@TEXT_POSTPROCESSORS.register_module('Xsum')
def Xsum_postprocess(text: str) -> str:
    """The first line of the stripped text, stripped."""
    return first_line(text.strip()).strip()
