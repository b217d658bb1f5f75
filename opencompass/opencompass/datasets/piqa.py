"""PIQA: which of two ways leads to a goal?"""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import UNLABELLED, letter
from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class piqaDataset_V2(MappedDataset):
    """`answer` is A for `sol1`, B for `sol2`, 'NULL' in `test`."""

    expects = 'label (the number 0 or 1, or -1 where it is not published)'
    removed = ['label']

    @staticmethod
    def row(row: dict) -> dict:
        label = row['label']
        if not isinstance(label, int):
            raise ValueError(f'the label {label!r}')
        return {'answer': UNLABELLED if label < 0 else letter(label, 'AB')}
