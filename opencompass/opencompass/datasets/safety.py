"""Prompts that ask for something unsafe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import read_lines
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class SafetyDataset(BaseDataset):
    """Prompts (`test`) with their number: `idx` and `prompt`."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The lines of the text file that are not empty."""
        from datasets import Dataset, DatasetDict

        prompts = filter(None, read_lines(need_local(path, 'SafetyDataset', 'a prompt a line')))
        rows = [{'idx': index, 'prompt': prompt} for index, prompt in enumerate(prompts)]
        return DatasetDict({'test': Dataset.from_list(rows)})
