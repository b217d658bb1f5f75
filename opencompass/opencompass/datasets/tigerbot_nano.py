"""The benchmark of tigerbot-nano, the demo model that lies in this repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.utils.extraction import first_line
from opencompass.utils.paths import need_local

from ._read import read_jsonl
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

CHOICES = ['No', 'Yes']


class TigerBotNanoDataset(BaseDataset):
    """Five examples (`dev`) and the questions (`test`) of one subject. Named in configs by its dotted path."""

    @staticmethod
    def load(path: str, subject: str) -> DatasetDict:
        """The rows of `path`/SUBJECT_dev.jsonl and _test.jsonl; statements get `choices` and a `label`, 1 for Yes."""
        from datasets import Dataset, DatasetDict

        files = {
            split: need_local(
                f'{path.rstrip("/")}/{subject}_{split}.jsonl', 'TigerBotNanoDataset', 'one JSON object a line'
            )
            for split in ('dev', 'test')
        }
        return DatasetDict(
            {split: Dataset.from_list([_with_label(row) for row in read_jsonl(file)]) for split, file in files.items()}
        )


def _with_label(row: dict) -> dict:
    """The row; a statement with the columns that CLPInferencer and AUCROCEvaluator want."""
    if 'statement' not in row:
        return row
    return row | {'choices': CHOICES, 'label': CHOICES.index(row['answer'])}


def tigerbot_nano_postprocess(text: str) -> str:
    """The first line: a base model goes on with a question of its own."""
    return first_line(text.strip()).strip()
