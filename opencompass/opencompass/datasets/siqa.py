"""Social IQa: questions about what people do and why."""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import letter
from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class siqaDataset_V2(MappedDataset):
    """`label` is A for `answerA`, B for `answerB`, C for `answerC`."""

    expects = 'label (1 to 3)'

    @staticmethod
    def row(row: dict) -> dict:
        return {'label': letter(row['label'], 'ABC', first=1)}
