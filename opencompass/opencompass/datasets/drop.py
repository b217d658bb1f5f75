"""DROP: questions about a passage that take counting and calculating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET

from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class dropDataset(BaseDataset):
    """Questions (`validation`) with a number among their answers: `prompt` (the passage), `question`, `answers`."""

    @staticmethod
    def load(**kwargs: Any) -> DatasetDict:
        """As HFDataset; `path` is `drop`."""
        from datasets import DatasetDict

        columns = ['passage', 'question', 'answers_spans']
        rows = (
            load_columns(columns, **kwargs | {'split': 'validation'})
            .select_columns(columns)
            .map(
                lambda row: {'answers': row['answers_spans']['spans'], 'prompt': row['passage']},
                remove_columns='passage',
            )
            .filter(lambda row: 'number' in row['answers_spans']['types'])
        )
        return DatasetDict({'validation': rows})
