"""Natural Questions (open): questions to a search engine with short answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.openicl.icl_evaluator import ExactMatchEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import accepted
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.extraction import first_line
from opencompass.utils.paths import need_local

from ._read import read_answers
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class NaturalQuestionDataset(BaseDataset):
    """Few-shot examples (`dev`) with the first answer as a text, and questions (`test`) with the list of answers."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The rows of `path`/nq-dev.qa.csv and `path`/nq-test.qa.csv: question TAB list of answers."""
        from datasets import Dataset, DatasetDict

        splits = {}
        for split in ('dev', 'test'):
            file = need_local(
                f'{path.rstrip("/")}/nq-{split}.qa.csv',
                'NaturalQuestionDataset',
                "rows of question TAB list of answers, such as ['Paris', 'the city']",
            )
            splits[split] = list(read_answers(file))
        for row in splits['dev']:
            if not row['answer']:
                raise row.corrupt('expected at least one answer: this is an example, which shows its first')
            row['answer'] = row['answer'][0]
        return DatasetDict({split: Dataset.from_list(rows) for split, rows in splits.items()})


@ICL_EVALUATORS.register_module()
class NQEvaluator(ExactMatchEvaluator):
    """Share of predictions that equal an accepted answer, whatever the case.

    Of a prediction counts the first line, after its last 'answer is'. Both sides end at their first full stop or comma
    and lose punctuation and articles (`general_postprocess`): '3.14' equals '3.99', and all that is left empty is
    equal. Published scores are counted so.
    """

    def score(self, predictions: list[str], references: list[list[str] | str]) -> dict:
        """`score` in percent."""
        answers = [first_line(prediction).lower().split('answer is')[-1] for prediction in predictions]
        expected = [[answer.lower() for answer in accepted(reference)] for reference in references]
        return self._shares(answers, expected, score=self._is_equal)
