"""C-Eval: multiple-choice questions of 52 subjects in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import read_typed_csv
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

COLUMNS = ['id', 'question', 'A', 'B', 'C', 'D']
#: In the published files `val` has no explanation, and `test` neither.
ANSWER_COLUMNS = ['answer', 'explanation']


@LOAD_DATASET.register_module()
class CEvalDataset(BaseDataset):
    """Questions of one subject: `dev` (few-shot examples), `val` and `test`.

    A column of numbers holds such, as in published prompts: where one option is 0.5, another reads 1.0. An empty cell
    is None, which a prompt spells 'None'. Answers and explanations that are not published are ''.
    """

    @staticmethod
    def load(path: str, name: str) -> DatasetDict:
        """The rows of `path`/SPLIT/NAME_SPLIT.csv."""
        from datasets import DatasetDict

        return DatasetDict({split: _split(path, name, split) for split in ('val', 'dev', 'test')})


def _split(path: str, name: str, split: str) -> Dataset:
    from datasets import Dataset

    file = need_local(
        f'{path.rstrip("/")}/{split}/{name}_{split}.csv', 'CEvalDataset', f'a header line and {", ".join(COLUMNS)}, ...'
    )
    rows = read_typed_csv(file, COLUMNS, missing=[''])
    absent = {column: '' for column in ANSWER_COLUMNS if column not in rows}
    return Dataset.from_pandas(rows.assign(**absent)[COLUMNS + ANSWER_COLUMNS], preserve_index=False)
