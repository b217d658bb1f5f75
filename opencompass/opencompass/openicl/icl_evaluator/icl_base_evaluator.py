"""What every evaluator offers."""

from __future__ import annotations

from typing import Any


class BaseEvaluator:
    """Scores the predictions of one data set; subclasses write `score`."""

    def score(self, predictions: list, references: list) -> Any:
        """Scores by name, where the first is the one that tables show, or {'error': reason}."""
        raise NotImplementedError(f'{type(self).__name__} has no method score(predictions, references)')


def unusable(predictions: list, references: list) -> str | None:
    """The reason why the two lists cannot be scored, None if they can."""
    if len(predictions) != len(references):
        return 'predictions and references have different length'
    return None if predictions else 'there are no predictions to score'
