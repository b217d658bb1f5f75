"""XSum: one-sentence summaries of BBC news."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line
from opencompass.utils.paths import need_local

from ._read import read_jsonl
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset

#: So many rows of the file are read.
ROWS = 1000


@LOAD_DATASET.register_module()
class XsumDataset(BaseDataset):
    """`dialogue`, the article, and `summary`: the first 1000 rows."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The rows of the JSON-lines file; bytes of it that are not UTF-8 are dropped."""
        from datasets import Dataset

        rows = read_jsonl(
            need_local(path, 'XsumDataset', 'a JSON object with dialogue and summary a line'), errors='ignore'
        )
        columns = ('dialogue', 'summary')
        return Dataset.from_list([{column: row[column] for column in columns} for row in islice(rows, ROWS)])


@TEXT_POSTPROCESSORS.register_module('Xsum')
def Xsum_postprocess(text: str) -> str:
    """The first line of the stripped text, stripped."""
    return first_line(text.strip()).strip()
