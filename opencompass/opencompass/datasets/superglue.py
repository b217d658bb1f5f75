"""SuperGLUE: tasks of language understanding."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line


@TEXT_POSTPROCESSORS.register_module('ReCoRD')
def ReCoRD_postprocess(text: str) -> str:
    """The first line of the stripped text, with every 'Answer: ' taken out."""
    return first_line(text.strip()).replace('Answer: ', '').strip()
