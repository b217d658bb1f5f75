"""CMRC 2018: Chinese reading comprehension with answers taken from the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after, first_line

from ._rows import load_squad
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset


@LOAD_DATASET.register_module()
class CMRCDataset(BaseDataset):
    """One row a question: `context`, `question`, `answers` (different texts, in the order of the file)."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The questions of the SQuAD-like JSON file."""
        return load_squad(path, 'CMRCDataset')


@TEXT_POSTPROCESSORS.register_module('cmrc')
def cmrc_postprocess(text: str) -> str:
    """The rest of the line after the first '答案是', up to a second one; without it the first line, even if empty."""
    return first_line(after(text, '答案是')).strip()
