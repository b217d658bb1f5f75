"""DRCD: reading comprehension in traditional Chinese with answers taken from the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after

from ._rows import load_squad
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset


@LOAD_DATASET.register_module()
class DRCDDataset(BaseDataset):
    """One row a question: `context`, `question`, `answers` (different texts, in the order of the file)."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The questions of the SQuAD-like JSON file."""
        return load_squad(path, 'DRCDDataset')


@TEXT_POSTPROCESSORS.register_module('drcd')
def drcd_postprocess(text: str) -> str:
    """What follows the first '答案是', up to a second one, else the whole text. Keeps all lines, unlike CMRC's."""
    return after(text, '答案是')
