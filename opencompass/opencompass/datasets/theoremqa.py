"""TheoremQA: questions that need a theorem of mathematics, physics, engineering or finance."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_match

PUNCTUATION = '.,;:!?"\''


@TEXT_POSTPROCESSORS.register_module('TheoremQA')
def TheoremQA_postprocess(text: str) -> str:
    """The word after the first 'answer is ' without punctuation and quotes around it, else the text, stripped.

    Of '[1, 2]' this leaves '[1': published scores of TheoremQA are counted so.
    """
    word = first_match(r'answer is (\S+)', text)
    return word.strip(PUNCTUATION) if word else text.strip()
