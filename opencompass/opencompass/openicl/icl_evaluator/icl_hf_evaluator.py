"""The metrics that the `evaluate` library has under these names, computed without it (its scripts need a network)."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from opencompass.registry import ICL_EVALUATORS
from opencompass.utils.optional import optional

from ._words import word_f1
from .icl_base_evaluator import BaseEvaluator, percent, unusable


class HuggingfaceEvaluator(BaseEvaluator):
    """A metric of the `evaluate` library by its name; subclasses write `compute` and need that library not."""

    def __init__(self, metric: str = '') -> None:
        self.metric = metric

    def score(self, predictions: list, references: list) -> Any:
        """What `compute` gives for the pairs, or {'error': reason} where there are no pairs."""
        reason = unusable(predictions, references)
        if reason is None:
            return self.compute(predictions, references)
        if len(predictions) != len(references):
            reason += f'. len(predictions): {len(predictions)}, len(references): {len(references)}'
        return {'error': reason}

    def compute(self, predictions: list, references: list) -> Any:
        """Scores by name, of at least one pair."""
        library = optional('evaluate', 'evaluate', type(self).__name__)
        return library.load(self.metric).compute(predictions=predictions, references=references)


@ICL_EVALUATORS.register_module()
class AccEvaluator(HuggingfaceEvaluator):
    """Percentage of predictions that read like their reference: 1 equals '1', but True does not equal 1."""

    def compute(self, predictions: list, references: list) -> dict:
        """`accuracy` in percent."""
        pairs = zip(predictions, references, strict=True)
        return self.means(accuracy=[percent(str(one) == str(other)) for one, other in pairs])


@ICL_EVALUATORS.register_module()
class MccEvaluator(HuggingfaceEvaluator):
    """Matthews correlation of labels that are compared by how they read."""

    def compute(self, predictions: list, references: list) -> dict:
        """`matthews_correlation` times 100; 0 where one side has a single label."""
        given, wanted = [str(one) for one in predictions], [str(one) for one in references]
        size, right = len(given), sum(one == other for one, other in zip(given, wanted, strict=True))
        by_given, by_wanted = Counter(given), Counter(wanted)
        chance = sum(count * by_wanted[label] for label, count in by_given.items())
        spread = math.prod(size**2 - sum(count**2 for count in side.values()) for side in (by_given, by_wanted))
        return {'matthews_correlation': 100 * (right * size - chance) / math.sqrt(spread) if spread else 0.0}


@ICL_EVALUATORS.register_module()
class SquadEvaluator(HuggingfaceEvaluator):
    """F1 of the words of a prediction's first line and its reference, as for SQuAD 1.1."""

    def compute(self, predictions: list[str], references: list[str]) -> float:
        """The mean in percent; a bare number, not a dict."""
        _require_texts(predictions)
        _require_texts(references)
        pairs = zip(predictions, references, strict=True)
        scores = [100 * word_f1(prediction.split('\n')[0], reference) for prediction, reference in pairs]
        return self.means(score=scores)['score']


@ICL_EVALUATORS.register_module()
class RougeEvaluator(HuggingfaceEvaluator):
    """ROUGE F-measures without stemming; the best reference counts where one prediction has several.

    The mean of the pairs is given, where the library gives the median of a bootstrap, which varies by some tenths from
    run to run around that mean.
    """

    def compute(self, predictions: list[str], references: list[str] | list[list[str]]) -> dict:
        """`rouge1`, `rouge2`, `rougeL` and `rougeLsum` in percent."""
        _require_texts(predictions)
        _require_texts(references, lists_too=True)
        names = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum']
        scorer = optional('rouge_score.rouge_scorer', 'rouge-score', 'RougeEvaluator').RougeScorer(names)
        scores = [
            (scorer.score if isinstance(reference, str) else scorer.score_multi)(reference, prediction)
            for prediction, reference in zip(predictions, references, strict=True)
        ]
        return self.means(**{name: [100 * score[name].fmeasure for score in scores] for name in names})


@ICL_EVALUATORS.register_module()
class BleuEvaluator(HuggingfaceEvaluator):
    """Corpus BLEU of sacrebleu with its default tokenizer."""

    def compute(self, predictions: list[str], references: list[str] | list[list[str]]) -> dict:
        """`score` (0 to 100) and what it is made of."""
        _require_texts(predictions)
        _require_texts(references, lists_too=True)
        accepted = [[reference] if isinstance(reference, str) else reference for reference in references]
        if len({len(texts) for texts in accepted}) > 1:
            raise ValueError(
                'BLEU needs the same number of references for every prediction, found '
                f'{sorted({len(texts) for texts in accepted})}'
            )
        library = optional('sacrebleu', 'sacrebleu', 'BleuEvaluator')
        found = library.corpus_bleu(predictions, [list(column) for column in zip(*accepted, strict=True)])
        return {
            name: getattr(found, name)
            for name in ('score', 'counts', 'totals', 'precisions', 'bp', 'sys_len', 'ref_len')
        }


def _require_texts(values: list, lists_too: bool = False) -> None:
    """ValueError unless all values are texts, or (where allowed) all are lists of texts."""
    if lists_too and values and all(isinstance(value, list) for value in values):
        values = [text for value in values for text in value]
    wrong = next((value for value in values if not isinstance(value, str)), None)
    if any(not isinstance(value, str) for value in values):
        raise ValueError(f'expected texts{" or lists of texts" if lists_too else ""}, found {wrong!r}')
