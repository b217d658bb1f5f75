"""OpenBookQA: science questions for school children."""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import columns_of
from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class OBQADataset(MappedDataset):
    """The first four choices are the columns `A` to `D`; of `additional`, `fact1` is a fact that helps."""

    expects = 'choices (text: 4 or more)'
    removed = ['id', 'choices']

    @staticmethod
    def row(row: dict) -> dict:
        return columns_of(row['choices']['text'], 'ABCD')
