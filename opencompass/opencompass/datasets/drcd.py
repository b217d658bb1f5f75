"""DRCD: reading comprehension in traditional Chinese with answers taken from the text."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after


@TEXT_POSTPROCESSORS.register_module('drcd')
def drcd_postprocess(text: str) -> str:
    """What follows the first '答案是', up to a second one, else the whole text. Keeps all lines, unlike CMRC's."""
    return after(text, '答案是')
