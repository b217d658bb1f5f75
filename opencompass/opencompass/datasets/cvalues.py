"""CValues: which of two Chinese replies is the more responsible?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET

from ._read import CorruptFile
from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import DatasetDict

COLUMNS = ['prompt', 'label']


@LOAD_DATASET.register_module()
class CValuesDataset(BaseDataset):
    """Rows (`train`) of the file with 回复A and 回复B for 回复1 and 回复2 in `prompt`; `label` is A or B."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The rows of the JSON-lines file."""

        def lettered(row: dict, index: int) -> dict:
            if not all(isinstance(row[column], str) for column in COLUMNS):
                raise CorruptFile(f'{path} row {index + 1}: expected texts as prompt and label, found none')
            prompt = row['prompt'].replace('回复1', '回复A').replace('回复2', '回复B')
            return {'prompt': prompt, 'label': row['label'].replace('回复1', 'A').replace('回复2', 'B')}

        return load_columns(COLUMNS, path='json', data_files=path).map(lettered, with_indices=True)
