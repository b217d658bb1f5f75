"""What every dataset class is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..openicl.icl_dataset_reader import DatasetReader

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


class BaseDataset:
    """Rows from `load`, read with `reader_cfg`. A subclass writes `load`, which gets all other config keys."""

    def __init__(self, reader_cfg: dict | None = None, **kwargs: Any) -> None:
        with no_progress_bars():
            self.dataset = self.load(**kwargs)
        if self.dataset is None:
            raise NotImplementedError(
                f'{type(self).__name__} loads nothing: it needs a static method load(...) that returns its rows'
            )
        self.reader = DatasetReader(self.dataset, **(reader_cfg or {}))

    def check(self, dataset_cfg: Mapping[str, Any]) -> None:
        """Raise, before a model is asked, if prompts as this config has them lack something. A class whose prompts are
        made with further files says so here."""

    @property
    def train(self) -> Dataset:
        """The rows that examples are taken from."""
        return self.reader.dataset['train']

    @property
    def test(self) -> Dataset:
        """The rows to evaluate."""
        return self.reader.dataset['test']

    @staticmethod
    def load(**kwargs: Any) -> Dataset | DatasetDict | None:
        """The raw files or the hub's rows as a Dataset, or a DatasetDict with the splits that `reader_cfg` names."""
        return None


@contextlib.contextmanager
def no_progress_bars() -> Iterator[None]:
    """The library without its progress bars, which would fill the log with lines of every step."""
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            enable_progress_bars()
