"""FLORES: translated sentences of Wikipedia."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line
from opencompass.utils.text_postprocessors import general_cn_postprocess


@TEXT_POSTPROCESSORS.register_module('flores')
def flores_postprocess(text: str) -> str:
    """The first line of the stripped text."""
    return first_line(text.strip())


@TEXT_POSTPROCESSORS.register_module('flores-chinese')
def flores_postprocess_chinese(text: str) -> str:
    """The first line with blanks between its Chinese words, as BLEU needs them; a blank of the text becomes three."""
    return general_cn_postprocess(' '.join(flores_postprocess(text).split()))
