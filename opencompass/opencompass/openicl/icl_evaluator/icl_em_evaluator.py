"""Exact match of short answers."""

from __future__ import annotations

from collections.abc import Callable

from opencompass.registry import ICL_EVALUATORS
from opencompass.utils.text_postprocessors import general_postprocess

from .icl_base_evaluator import BaseEvaluator, accepted, percent, unusable

Test = Callable[[str, list[str]], bool]


@ICL_EVALUATORS.register_module()
class EMEvaluator(BaseEvaluator):
    """Share of predictions that equal an accepted answer or, despite the name, contain the *first* one.

    TigerBot's tables are counted so. `ExactMatchEvaluator` gives the strict share beside this one. Both sides are
    cleaned by `general_postprocess` before; a reference is a list of accepted answers, or one text.
    """

    def score(self, predictions: list[str], references: list[list[str] | str]) -> dict:
        """`score` in percent."""
        return self._shares(predictions, references, score=self._is_accepted)

    def _shares(self, predictions: list[str], references: list, **tests: Test) -> dict:
        """For each named test the percentage of pairs (cleaned prediction, cleaned answers) that pass."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        pairs = [
            (general_postprocess(prediction), _cleaned(reference))
            for prediction, reference in zip(predictions, references, strict=True)
        ]
        return self.means(**{name: [percent(test(*pair)) for pair in pairs] for name, test in tests.items()})

    @staticmethod
    def _is_accepted(prediction: str, answers: list[str]) -> bool:
        first = answers[0] if answers else ''
        return prediction in answers or (first != '' and first in prediction)


@ICL_EVALUATORS.addition
class ExactMatchEvaluator(EMEvaluator):
    """`EMEvaluator` with the strict share beside its score."""

    def score(self, predictions: list[str], references: list[list[str] | str]) -> dict:
        """`score` as EMEvaluator, and `exact_match`: the percentage that equals an accepted answer."""
        return self._shares(predictions, references, score=self._is_accepted, exact_match=self._is_equal)

    @staticmethod
    def _is_equal(prediction: str, answers: list[str]) -> bool:
        return prediction in answers


def _cleaned(reference: list[str] | str) -> list[str]:
    """The accepted answers in the form of a cleaned prediction."""
    return [general_postprocess(answer) for answer in accepted(reference)]
