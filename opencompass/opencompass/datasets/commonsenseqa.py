"""CommonsenseQA: questions about everyday things."""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import columns_of
from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class commonsenseqaDataset(MappedDataset):
    """The five choices are the columns `A` to `E`; `answerKey` is empty in `test`."""

    expects = 'choices (text: 5 or more)'
    removed = ['id', 'question_concept', 'choices']

    @staticmethod
    def row(row: dict) -> dict:
        return columns_of(row['choices']['text'], 'ABCDE')
