"""Area under the ROC curve of two-class probabilities, as CLP gives them."""

from __future__ import annotations

import numpy as np

from opencompass.registry import ICL_EVALUATORS

from .icl_base_evaluator import BaseEvaluator, percent, unusable


@ICL_EVALUATORS.register_module()
class AUCROCEvaluator(BaseEvaluator):
    """Predictions are scores of each class, references the right class, 0 or 1."""

    def score(self, predictions: list[list[float]], references: list[int]) -> dict:
        """`auc_score` of the second column and `accuracy` of the highest column, in percent."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': f'{reason}.'}
        scores, classes = np.asarray(predictions, dtype=float), np.asarray(references, dtype=int)
        if np.isnan(scores).any():
            return {
                'error': f'{np.isnan(scores).any(axis=1).sum()} of {len(scores)} predictions are not numbers (NaN).'
            }
        if set(classes) != {0, 1}:
            return {
                'error': f'the area under the curve needs references 0 and 1, found {sorted(set(classes.tolist()))}.'
            }
        right = (scores.argmax(axis=1) == classes).tolist()
        return {'auc_score': 100 * area(scores[:, 1], classes == 1), **self.means(accuracy=[*map(percent, right)])}


def area(scores: np.ndarray, positive: np.ndarray) -> float:
    """The share of pairs (positive, other) in which the positive has the higher score; a tie counts a half."""
    others = np.sort(scores[~positive])
    below = np.searchsorted(others, scores[positive], 'left')
    not_above = np.searchsorted(others, scores[positive], 'right')
    return float(np.mean((below + not_above) / 2) / len(others))
