"""MMLU: multiple-choice questions of 57 subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import read_csv
from ._rows import table
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

COLUMNS = ['input', 'A', 'B', 'C', 'D', 'target']


@LOAD_DATASET.register_module()
class MMLUDataset(BaseDataset):
    """Few-shot examples (`dev`) and questions (`test`) of one subject; all cells are texts."""

    @staticmethod
    def load(path: str, name: str) -> DatasetDict:
        """The rows of `path`/dev/NAME_dev.csv and `path`/test/NAME_test.csv, which have no header line."""
        from datasets import DatasetDict

        splits = {}
        for split in ('dev', 'test'):
            file = need_local(
                f'{path.rstrip("/")}/{split}/{name}_{split}.csv',
                'MMLUDataset',
                'rows of question, A, B, C, D, answer without a header line',
            )
            splits[split] = table(list(read_csv(file, COLUMNS)), COLUMNS)
        return DatasetDict(splits)
