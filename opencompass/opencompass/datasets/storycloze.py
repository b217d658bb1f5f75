"""StoryCloze, in the languages of XStoryCloze: which of two endings fits a story?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET

from ._choices import letter
from ._rows import MappedDataset

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

SENTENCES = [f'input_sentence_{number}' for number in range(1, 5)]


@LOAD_DATASET.register_module()
class storyclozeDataset(MappedDataset):
    """All stories as `test`; `context` is the four sentences, `answer_right_ending` is 1 or 2."""

    expects = ', '.join(SENTENCES)

    @classmethod
    def load(cls, **kwargs: Any) -> DatasetDict:
        """As HFDataset; there is no `split` to choose."""
        from datasets import DatasetDict

        return DatasetDict({'test': super().load(**kwargs | {'split': 'train+eval'})})

    @staticmethod
    def row(row: dict) -> dict:
        return {'context': ' '.join(row[sentence] for sentence in SENTENCES)}


@LOAD_DATASET.register_module()
class storyclozeDataset_V2(MappedDataset):
    """As storyclozeDataset, but without splits, and `answer_right_ending` is A or B."""

    expects = f'{", ".join(SENTENCES)} and answer_right_ending (1 or 2)'

    @classmethod
    def load(cls, **kwargs: Any) -> Dataset:
        """As HFDataset; there is no `split` to choose."""
        return super().load(**kwargs | {'split': 'train+eval'})

    @staticmethod
    def row(row: dict) -> dict:
        answer = letter(row['answer_right_ending'], 'AB', first=1)
        return {**storyclozeDataset.row(row), 'answer_right_ending': answer}
