"""ROUGE of Chinese texts."""

from __future__ import annotations

from typing import Any

from opencompass.registry import ICL_EVALUATORS
from opencompass.utils.optional import optional

from .icl_base_evaluator import BaseEvaluator, unusable

#: Metric -> its name in the package rouge-chinese.
METRICS = {'rouge1': 'rouge-1', 'rouge2': 'rouge-2', 'rougeL': 'rouge-l'}


@ICL_EVALUATORS.addition
class JiebaRougeEvaluator(BaseEvaluator):
    """ROUGE F-measures of the words that jieba finds, by the package rouge-chinese. `RougeEvaluator` knows only words
    of ASCII letters, so that Chinese scores 0 there."""

    def score(self, predictions: list[str], references: list[str] | list[list[str]]) -> dict:
        """`rouge1`, `rouge2` and `rougeL` in percent; the best reference counts where one prediction has several. An
        empty text shares nothing. A word that a text repeats counts once, as is the package's default."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        rouge = optional('rouge_chinese', 'rouge-chinese', 'JiebaRougeEvaluator').Rouge()
        scores = [
            [_measures(rouge, prediction, one) for one in ([reference] if isinstance(reference, str) else reference)]
            for prediction, reference in zip(predictions, references, strict=True)
        ]
        return self.means(
            **{name: [100 * max((one[name] for one in each), default=0.0) for each in scores] for name in METRICS}
        )


def _measures(rouge: Any, prediction: str, reference: str) -> dict[str, float]:
    """The F-measure of each metric."""
    given, wanted = _words(prediction), _words(reference)
    if not given or not wanted:
        return dict.fromkeys(METRICS, 0.0)
    [found] = rouge.get_scores([given], [wanted])
    return {name: found[theirs]['f'] for name, theirs in METRICS.items()}


def _words(text: str) -> str:
    """The words of a text with blanks between them."""
    jieba = optional('jieba', 'jieba', 'JiebaRougeEvaluator')
    jieba.setLogLevel('WARNING')
    return ' '.join(' '.join(jieba.cut(text)).split())
