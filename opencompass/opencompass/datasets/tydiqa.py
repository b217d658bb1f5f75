"""TyDi QA: questions in eleven languages, answered from a passage."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import accepted, percent, unusable
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.text_postprocessors import general_postprocess

from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


@LOAD_DATASET.addition
class TydiQADataset(BaseDataset):
    """Rows of the hub's data set with `answer`, the list of accepted texts, in the place of `answers`."""

    @staticmethod
    def load(**kwargs: Any) -> Dataset | DatasetDict:
        """As HFDataset; `path` is `khalidalt/tydiqa-goldp`, `name` a language."""
        columns = ['id', 'passage_text', 'question_text', 'answers']
        return load_columns(columns, **kwargs).map(
            lambda row: {'answer': row['answers']['text']}, remove_columns=['id', 'answers']
        )


@ICL_EVALUATORS.addition
class TydiQAEvaluator(BaseEvaluator):
    """Equality with an accepted answer and F1 of the words that are in common with the nearest one.

    Both sides are cleaned by `general_postprocess`. Only the prediction is put in lower case, so that an answer with a
    capital letter is never met; published scores are counted so.
    """

    def score(self, predictions: list[str], references: list[list[str] | str]) -> dict:
        """`exact_match` and `f1` in percent."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        pairs = [
            (general_postprocess(prediction).lower(), [general_postprocess(answer) for answer in accepted(reference)])
            for prediction, reference in zip(predictions, references, strict=True)
        ]
        return self.means(
            exact_match=[percent(prediction in answers) for prediction, answers in pairs],
            f1=[
                100 * max((_f1(prediction.split(), answer.split()) for answer in answers), default=0.0)
                for prediction, answers in pairs
            ],
        )


def _f1(predicted: list[str], expected: list[str]) -> float:
    """Harmonic mean of the shares of common words in the two texts; 0 if there are none, even of two empty texts."""
    common = (Counter(predicted) & Counter(expected)).total()
    return 2 * common / (len(predicted) + len(expected)) if common else 0.0
