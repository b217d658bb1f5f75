"""IWSLT 2017: translated talks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET

from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


@LOAD_DATASET.register_module()
class IWSLT2017Dataset(BaseDataset):
    """Rows of the hub's data set with a column for each language, such as `en` and `de`."""

    @staticmethod
    def load(**kwargs: Any) -> Dataset | DatasetDict:
        """As HFDataset; `path` is `iwslt2017`, `name` a pair of languages such as `iwslt2017-en-de`."""
        return load_columns(['translation'], **kwargs).map(lambda row: row['translation'], remove_columns='translation')
