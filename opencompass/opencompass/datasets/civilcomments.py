"""Civil Comments: is a comment on the news toxic?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET

from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import DatasetDict

CHOICES = ['no', 'yes']
TOXIC_FROM = 0.5
#: So many test rows are taken, at random but always the same.
TEST_ROWS = 10000
SEED = 42


@LOAD_DATASET.register_module()
class CivilCommentsDataset(BaseDataset):
    """`text` and `toxicity`; rows of `test` have `label` (1 is toxic) and `choices`, too."""

    @staticmethod
    def load(**kwargs: Any) -> DatasetDict:
        """As HFDataset; `path` is `civil_comments`."""
        from datasets import DatasetDict

        columns = ['text', 'toxicity']
        train, test = (
            load_columns(columns, **kwargs | {'split': split}).select_columns(columns) for split in ('train', 'test')
        )
        chosen = test.shuffle(seed=SEED).select(range(min(TEST_ROWS, len(test))))
        labelled = chosen.map(lambda row: {'label': int(row['toxicity'] >= TOXIC_FROM), 'choices': CHOICES})
        return DatasetDict({'train': train, 'test': labelled})
