"""What dataset classes have in common that make one row of another, or some rows of a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from opencompass.utils.paths import need_local

from ._read import layout, read_jsonl, read_squad
from .base import BaseDataset
from .huggingface import HFDataset

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


def table(rows: Sequence[dict], columns: Sequence[str] = ()) -> Dataset:
    """The rows with these columns, else those of the first row; what a row lacks is None."""
    from datasets import Dataset

    names = columns or list(rows[0] if rows else ())
    return Dataset.from_dict({name: [row.get(name) for row in rows] for name in names})


def load_squad(path: str, wanted_by: str) -> Dataset:
    """Questions of a SQuAD-like JSON file: `context`, `question`, `answers` (different texts, in the file's order)."""
    rows = list(read_squad(need_local(path, wanted_by, 'a SQuAD-like JSON file')))
    return table(rows, ['context', 'question', 'answers'])


class LinesDataset(BaseDataset):
    """Rows made of the lines of a local file, a JSON object each. A subclass writes `rows`.

    `expects` says what a line holds, for messages. `columns` are given where a file may leave no rows; `errors` is
    'ignore' where bytes that are not UTF-8 are skipped.
    """

    expects: str
    columns: Sequence[str] = ()
    errors = 'strict'

    @classmethod
    def load(cls, path: str) -> Dataset:
        """The rows of all lines."""
        rows: list[dict] = []
        for line in read_jsonl(need_local(path, cls.__name__, f'in each line {cls.expects}'), errors=cls.errors):
            with layout(line.place, cls.expects):
                rows.extend(cls.rows(line))
        return table(rows, cls.columns)

    @staticmethod
    def rows(line: dict) -> Iterable[dict]:
        """The rows that a line gives; a ValueError says what is wrong with it."""
        raise NotImplementedError('a LinesDataset needs a static method rows(line)')


class MappedDataset(HFDataset):
    """Rows of the `datasets` library with columns that a subclass makes of them in `row`.

    `expects` says what a row holds, for messages. The columns `removed` are left out, if they are there.
    """

    expects: str
    removed: Sequence[str] = ()

    @classmethod
    def load(cls, **kwargs: Any) -> Dataset | DatasetDict:
        """As HFDataset, with the new columns in every split."""
        return cls.mapped(HFDataset.load(**kwargs), str(kwargs.get('data_files', kwargs['path'])))

    @classmethod
    def mapped(cls, loaded: Dataset | DatasetDict, source: str) -> Dataset | DatasetDict:
        """The rows with the new columns; a CorruptFile names the `source` and the row that cannot have them."""
        if isinstance(loaded, dict):
            return type(loaded)({split: cls.mapped(rows, f'{source} {split}') for split, rows in loaded.items()})

        def changed(row: dict, number: int) -> dict:
            with layout(f'{source} row {number + 1}', cls.expects):
                return cls.row(row)

        removed = [column for column in cls.removed if column in loaded.column_names]
        return loaded.map(
            changed, with_indices=True, remove_columns=removed, keep_in_memory=True, load_from_cache_file=False
        )

    @staticmethod
    def row(row: dict) -> dict:
        """The new columns of a row; a ValueError says what is wrong with it."""
        raise NotImplementedError('a MappedDataset needs a static method row(row)')
