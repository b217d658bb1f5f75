"""TheoremQA: questions that need a theorem of mathematics, physics, engineering or finance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_match
from opencompass.utils.paths import need_local

from ._read import read_typed_csv
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

PUNCTUATION = '.,;:!?"\''
COLUMNS = ['Question', 'Answer', 'Answer_type']


@LOAD_DATASET.register_module()
class TheoremQADataset(BaseDataset):
    """The questions as `test`. Answers are texts, unless all in the file are numbers, or all are truth values."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The rows of the CSV file, with all its columns; empty cells, and 'None', are None."""
        from datasets import Dataset, DatasetDict

        rows = read_typed_csv(need_local(path, 'TheoremQADataset', 'a CSV file with a header line'), COLUMNS)
        return DatasetDict({'test': Dataset.from_pandas(rows, preserve_index=False)})


@TEXT_POSTPROCESSORS.register_module('TheoremQA')
def TheoremQA_postprocess(text: str) -> str:
    """The word after the first 'answer is ' without punctuation and quotes around it, else the text, stripped.

    Of '[1, 2]' this leaves '[1': published scores of TheoremQA are counted so.
    """
    word = first_match(r'answer is (\S+)', text)
    return word.strip(PUNCTUATION) if word else text.strip()
