"""WinoGrande: what fills the blank in a sentence?"""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import UNLABELLED, letter
from ._rows import MappedDataset

SENTENCE = ['sentence', 'option1', 'option2']


@LOAD_DATASET.register_module()
class winograndeDataset(MappedDataset):
    """`opt1` and `opt2` are the sentence with each option in all its blanks; `answer` is '1' or '2', '' in `test`."""

    expects = 'sentence, option1 and option2'
    removed = SENTENCE

    @staticmethod
    def row(row: dict) -> dict:
        return {f'opt{number}': row['sentence'].replace('_', row[f'option{number}']) for number in (1, 2)}


@LOAD_DATASET.register_module()
class winograndeDataset_V2(MappedDataset):
    """As winograndeDataset, but with a letter as `label` instead of `answer`, 'NULL' in `test`."""

    expects = 'sentence, option1, option2 and answer (1, 2, or empty)'
    removed = [*SENTENCE, 'answer']

    @staticmethod
    def row(row: dict) -> dict:
        label = UNLABELLED if row['answer'] == '' else letter(row['answer'], 'AB', first=1)
        return {**winograndeDataset.row(row), 'label': label}
