"""SummEdits: is a summary consistent with its document?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import read_jsonl
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset


@LOAD_DATASET.register_module()
class SummeditsDataset_V2(BaseDataset):
    """The rows of the file; `label` is A for a consistent summary, B for another."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The rows of the JSON-lines file, whose `label` is 1 or 0."""
        from datasets import Dataset

        rows = list(
            read_jsonl(need_local(path, 'SummeditsDataset_V2', 'a JSON object with doc, summary, label a line'))
        )
        for row in rows:
            if row['label'] not in (0, 1):
                raise row.corrupt(f'expected the label 0 or 1, found {row["label"]!r}')
            row['label'] = 'BA'[row['label']]
        return Dataset.from_list(rows)
