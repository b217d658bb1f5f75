"""Scores of answers to AGIEval's questions."""

from __future__ import annotations

from typing import Any

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import percent, unusable
from opencompass.registry import ICL_EVALUATORS

from .math_equivalence import is_equiv
from .post_process import parse_math_answer
from .subsets import CLOZE, SEVERAL_RIGHT


@ICL_EVALUATORS.register_module()
class AGIEvalEvaluator(BaseEvaluator):
    """Percentage of answers with the right formula or number, as it is taken from a zero-shot answer."""

    def score(self, predictions: list[str], references: list[str | None]) -> dict:
        """`score` in percent; where no answer is found it is wrong, whatever the reference."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        pairs = zip((parse_math_answer('', text) for text in predictions), references, strict=True)
        return self.means(score=[percent(answer is not None and is_equiv(answer, right)) for answer, right in pairs])


def evaluate_single_sample(dataset_name: str, prediction: Any, label: Any) -> bool:
    """Whether an answer to a question of the subset is right; of several right letters it has to name all."""
    if dataset_name in SEVERAL_RIGHT:
        return _letters(prediction) == _letters(label)
    return is_equiv(prediction, label) if dataset_name in CLOZE else prediction == label


def _letters(named: list[str] | str | None) -> set[str]:
    if not isinstance(named, (list, str, type(None))):
        raise ValueError(f'an answer is a list of letters, a letter or None, not {named!r}')
    return {named} if isinstance(named, str) else set(named or ())
