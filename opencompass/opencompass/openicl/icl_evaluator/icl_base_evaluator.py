"""What every evaluator offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class BaseEvaluator:
    """Scores the predictions of one data set; subclasses write `score`."""

    #: What the metrics of the last `score` are the means of: metric -> a value for each sample, None for one that does
    #: not count. A metric of the whole set, such as BLEU, has none.
    samples: Mapping[str, Sequence[float | None]] = {}

    def score(self, predictions: list, references: list) -> Any:
        """Scores by name, where the first is the one that tables show, or {'error': reason}."""
        raise NotImplementedError(f'{type(self).__name__} has no method score(predictions, references)')

    def means(self, **values: Sequence[float]) -> dict[str, float]:
        """The mean of each metric's values, one a sample. They are kept in `samples`: standard errors and paired
        comparisons of runs come from them."""
        self.samples = values
        return {name: sum(each) / len(each) for name, each in values.items()}


def percent(is_right: bool) -> int:
    """What a sample contributes to an accuracy in percent."""
    return 100 if is_right else 0


def unusable(predictions: list, references: list) -> str | None:
    """The reason why the two lists cannot be scored, None if they can."""
    if len(predictions) != len(references):
        return 'predictions and references have different length'
    return None if predictions else 'there are no predictions to score'


def accepted(reference: list[str] | str) -> list[str]:
    """The answers that count as right; a text is the only one."""
    return [reference] if isinstance(reference, str) else reference
