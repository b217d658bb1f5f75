"""FLORES: translated sentences of Wikipedia."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line
from opencompass.utils.text_postprocessors import general_cn_postprocess

from .base import BaseDataset
from .huggingface import HFDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

HUB_NAME = 'facebook/flores'


@LOAD_DATASET.register_module()
class FloresFirst100Dataset(BaseDataset):
    """Few-shot examples (`dev`) and the first 100 sentences to translate (`devtest`): `sentence_LANGUAGE` columns."""

    @staticmethod
    def load(name: str) -> DatasetDict:
        """Rows of the hub's data set for a pair of languages such as `eng_Latn-zho_Hans`."""
        from datasets import DatasetDict

        parts = {'dev': 'dev', 'devtest': 'devtest[:100]'}
        return DatasetDict(
            {split: HFDataset.load(path=HUB_NAME, name=name, split=part) for split, part in parts.items()}
        )


@TEXT_POSTPROCESSORS.register_module('flores')
def flores_postprocess(text: str) -> str:
    """The first line of the stripped text."""
    return first_line(text.strip())


@TEXT_POSTPROCESSORS.register_module('flores-chinese')
def flores_postprocess_chinese(text: str) -> str:
    """The first line with blanks between its Chinese words, as BLEU needs them; a blank of the text becomes three."""
    return general_cn_postprocess(' '.join(flores_postprocess(text).split()))
