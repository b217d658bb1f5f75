"""StrategyQA: yes-or-no questions that need several steps of reasoning."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_match, first_paragraph


@TEXT_POSTPROCESSORS.register_module('strategyqa')
def strategyqa_pred_postprocess(text: str) -> str:
    """'yes' or 'no', whichever comes first after the last 'answer is ' of the first paragraph, or in all of it.

    Inside a word the letters count, too, so that 'I know' gives 'no': published scores of StrategyQA are counted so.
    """
    return first_match('yes|no', first_paragraph(text).rpartition('answer is ')[2].lower())


@TEXT_POSTPROCESSORS.register_module('strategyqa_dataset')
def strategyqa_dataset_postprocess(answer: object) -> str:
    """'yes' for True and the text 'True', 'no' for anything else, also for 'true' and 1."""
    return 'yes' if str(answer) == 'True' else 'no'
