"""RACE: reading comprehension of English exams in Chinese schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET

from ._choices import columns_of
from ._rows import MappedDataset
from .huggingface import load_repository

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


@LOAD_DATASET.register_module()
class RaceDataset(MappedDataset):
    """The options are the columns `A` to `D`."""

    expects = 'options (4 or more)'
    removed = ['options']

    @classmethod
    def load(cls, path: str, name: str) -> Dataset | DatasetDict:
        """All splits of `high` or `middle` school."""
        return cls.mapped(load_repository(path, name), f'{path} {name}')

    @staticmethod
    def row(row: dict) -> dict:
        return columns_of(row['options'], 'ABCD')
