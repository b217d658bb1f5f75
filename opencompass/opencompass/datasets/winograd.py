"""Winograd Schema Challenge: what does a pronoun stand for?"""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import columns_of
from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class winogradDataset(MappedDataset):
    """`prompt` is the text, `opt1` and `opt2` are the options; `label` is the number of the right one, from 0."""

    expects = 'text and options (2 or more)'
    removed = ['text', 'options', 'source']

    @staticmethod
    def row(row: dict) -> dict:
        return {'prompt': row['text'], **columns_of(row['options'], ['opt1', 'opt2'])}
