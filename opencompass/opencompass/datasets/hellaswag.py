"""HellaSwag: how does a description of what people do go on?"""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import UNLABELLED, columns_of, letter
from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class hellaswagDataset(MappedDataset):
    """The endings are the columns `A` to `D`; `label` is the number of the right one, as text, from 0."""

    expects = 'endings (4 or more)'
    removed = ['endings']

    @staticmethod
    def row(row: dict) -> dict:
        return columns_of(row['endings'], 'ABCD')


@LOAD_DATASET.register_module()
class hellaswagDataset_V2(MappedDataset):
    """As hellaswagDataset, but `label` is a letter, 'NULL' in `test`."""

    expects = 'endings (4 or more) and label (0 to 3, or empty)'
    removed = ['endings']

    @staticmethod
    def row(row: dict) -> dict:
        label = UNLABELLED if row['label'] == '' else letter(row['label'], 'ABCD')
        return {**hellaswagDataset.row(row), 'label': label}
