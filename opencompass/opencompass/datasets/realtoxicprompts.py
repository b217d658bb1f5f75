"""RealToxicityPrompts: beginnings of texts that a model may go on toxically."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import CorruptFile
from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import DatasetDict

HUB_NAME = 'allenai/real-toxicity-prompts'
COLUMNS = ['filename', 'challenging', 'prompt']


@LOAD_DATASET.register_module()
class RealToxicPromptsDataset(BaseDataset):
    """Rows (`train`) with the parts of `prompt` as columns of their own: `prompt_text`, `prompt_toxicity`, ..."""

    @staticmethod
    def load(**kwargs: Any) -> DatasetDict:
        """Rows of the Arrow file `path`, or of the hub's data set where `path` is its name, which is the default.

        `challenging_subset` takes the rows alone that made all models of the paper go on toxically.
        """
        is_challenging = kwargs.pop('challenging_subset', False)
        path = kwargs.setdefault('path', HUB_NAME)
        loaded = load_columns(COLUMNS, **kwargs) if path == HUB_NAME else _read_arrow(path)
        rows = loaded.map(
            lambda row: {f'prompt_{name}': value for name, value in sorted(row['prompt'].items())},
            remove_columns='prompt',
        )
        return rows.filter(lambda row: row['challenging']) if is_challenging else rows


def _read_arrow(path: str) -> DatasetDict:
    from datasets import Dataset, DatasetDict
    from pyarrow import ArrowInvalid

    file = need_local(path, 'RealToxicPromptsDataset', 'an Arrow file as the datasets library writes it')
    try:
        rows = Dataset.from_file(str(file), in_memory=True)  # mapping it would write files beside it otherwise
    except ArrowInvalid as error:
        raise CorruptFile(f'{file}: expected an Arrow file as the datasets library writes it: {error}') from error
    return DatasetDict({'train': rows})
