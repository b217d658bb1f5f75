"""Which columns and which rows of a dataset a task reads."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from ..registry import ICL_DATASET_READERS
from ..utils.prompt import PromptList
from ..utils.ranges import RangeError, select
from .icl_prompt_template import PromptTemplate

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


@ICL_DATASET_READERS.register_module()
class DatasetReader:
    """A dataset with the splits `train` (examples come from it) and `test`, and the names of its columns.

    Args:
        dataset: a DatasetDict, or a Dataset that then serves as both splits.
        input_columns: names, as a list or a text with blanks between them.
        output_column: the name of the answers' column.
        input_template: how `generate_input_field_prompt` writes a row; else the input columns with blanks between.
        output_template: the same for the answer.
        train_split: the split that becomes `train`.
        train_range: which of its rows, see `load_partial_dataset`.
        test_split: the split that becomes `test`.
        test_range: which of its rows.
        ds_size: a size for both splits where no range is given, as older configs write it.
    """

    def __init__(
        self,
        dataset: Dataset | DatasetDict,
        input_columns: list[str] | str,
        output_column: str | None,
        input_template: PromptTemplate | None = None,
        output_template: PromptTemplate | None = None,
        train_split: str = 'train',
        train_range: int | float | str | None = None,
        test_split: str = 'test',
        test_range: int | float | str | None = None,
        ds_size: int | float | None = None,
    ) -> None:
        self.input_columns, self.output_column = _columns(input_columns), output_column
        if not isinstance(output_column, (str, type(None))):
            raise TypeError(f'output_column is the name of a column, not {output_column!r}')
        for template in (input_template, output_template):
            if not isinstance(template, (PromptTemplate, type(None))):
                raise TypeError(f'a template for a reader is a PromptTemplate, not {template!r}')
        self.input_template, self.output_template = input_template, output_template
        splits = _as_splits(dataset)
        test_size = ds_size if test_range is None else test_range
        chosen = {
            'train': load_partial_dataset(splits[train_split], ds_size if train_range is None else train_range),
            'test': load_partial_dataset(splits[test_split], test_size),
        }
        rows = _chosen(test_size, len(splits[test_split]))
        #: Which rows of its split `test` has.
        self.test_numbers = list(range(len(splits[test_split]))) if rows is None else rows
        self.dataset = type(splits)({**splits, **chosen})

    def generate_input_field_prompt(self, entry: dict) -> str | PromptList:
        """The row's question, by the template or its columns."""
        if self.input_template is not None:
            return self.input_template.generate_item(entry)
        return ' '.join(str(entry[column]) for column in self.input_columns)

    def generate_output_field_prompt(self, entry: dict) -> str | PromptList:
        """The row's answer, by the template or its column."""
        if self.output_template is not None:
            return self.output_template.generate_item(entry)
        return str(entry[self.output_column])

    def generate_input_output_field_prompt(self, entry: dict) -> str:
        """Question and answer with a blank between them."""
        return f'{self.generate_input_field_prompt(entry)} {self.generate_output_field_prompt(entry)}'

    def generate_input_field_corpus(
        self, dataset: Dataset | DatasetDict, split: str | None = None
    ) -> list[str | PromptList]:
        """The questions of all rows (of the split)."""
        return [self.generate_input_field_prompt(row) for row in _rows(dataset, split)]

    def generate_output_field_corpus(
        self, dataset: Dataset | DatasetDict, split: str | None = None
    ) -> list[str | PromptList]:
        """The answers of all rows (of the split)."""
        return [self.generate_output_field_prompt(row) for row in _rows(dataset, split)]

    def generate_input_output_field_corpus(self, dataset: Dataset | DatasetDict, split: str | None = None) -> list[str]:
        """Question and answer of all rows (of the split)."""
        return [self.generate_input_output_field_prompt(row) for row in _rows(dataset, split)]

    def __len__(self) -> int:
        """The number of splits."""
        return len(self.dataset)

    def __repr__(self) -> str:
        return f'DatasetReader({self.dataset!r}, {self.input_columns} -> {self.output_column!r})'


class DatasetEncoder:
    """Texts as an item each of `input_ids`, `attention_mask` and `metadata` (id, number of tokens, text).

    Args:
        datalist: the texts.
        model_name: whose tokenizer to load where none is given.
        tokenizer: of transformers.
    """

    def __init__(self, datalist: list[str], model_name: str | None = None, tokenizer: Any = None) -> None:
        self.tokenizer = _load_tokenizer(model_name) if tokenizer is None else tokenizer
        self.encoded = [self._encode(number, text) for number, text in enumerate(datalist)]

    def _encode(self, number: int, text: str) -> dict:
        tokens = self.tokenizer(text, truncation=True, return_tensors='pt')
        ids = tokens['input_ids'][0]
        return {
            'input_ids': ids,
            'attention_mask': tokens['attention_mask'][0],
            'metadata': {'id': number, 'len': len(ids), 'text': text},
        }

    def __len__(self) -> int:
        return len(self.encoded)

    def __getitem__(self, number: int) -> dict:
        return self.encoded[number]


def load_partial_dataset(dataset: Dataset, size: int | float | str | None = None) -> Dataset:
    """Rows of the dataset: all (None), a random choice that is the same each time (a number, or a part below 1), or a
    text such as `[10:20]`.

    A number that is negative, or no smaller than the dataset, means all. A column of the result is a list.
    """
    from ._rows import Rows

    rows = _chosen(size, len(dataset))
    return Rows.of(dataset if rows is None else dataset.select(rows))


def _chosen(size: int | float | str | None, count: int) -> list[int] | None:
    """The numbers of the rows in their new order, or None for all as they are."""
    if size is None:
        return None
    if isinstance(size, str):
        return list(select(size, count)) if size.strip() else None
    if not isinstance(size, (int, float)):
        raise RangeError(f'{size!r} is no size: give a number of rows, a part between 0 and 1, or a text "[10:20]"')
    if size <= 0 or size >= count or size == 1.0 and isinstance(size, float):
        return None
    number = int(size * count) if size < 1 else size
    if not isinstance(number, int):
        raise RangeError(f'{size!r} is no size: a number of rows is whole, a part of them is less than 1')
    rows = list(range(count))
    random.Random(number).shuffle(rows)
    return rows[:number]


def _load_tokenizer(model_name: str | None) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_name)
    tokenizer.pad_token, tokenizer.padding_side = tokenizer.eos_token, 'right'
    return tokenizer


def _columns(names: list[str] | str) -> list[str]:
    if isinstance(names, str):
        return names.split()
    if not isinstance(names, (list, tuple)):
        raise TypeError(f'input_columns are the names of columns, in a list or a text, not {names!r}')
    return list(names)


def _as_splits(dataset: Any) -> DatasetDict:
    from datasets import Dataset, DatasetDict

    if isinstance(dataset, Dataset):
        return DatasetDict({'train': dataset, 'test': dataset})
    if isinstance(dataset, DatasetDict):
        return dataset
    raise TypeError(
        f'a reader needs a datasets.Dataset or DatasetDict, not {type(dataset).__name__}; what the '
        "dataset's load() returns is not one"
    )


def _rows(dataset: Dataset | DatasetDict, split: str | None) -> Dataset:
    if split is not None:
        return dataset[split]
    if isinstance(dataset, dict):
        raise TypeError(f'which split? One of {list(dataset)}')
    return dataset
