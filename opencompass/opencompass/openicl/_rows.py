"""Rows whose columns are lists.

Imports the library `datasets`, so import this module where it is needed.
"""

from __future__ import annotations

from typing import Any

from datasets import Dataset


class Rows(Dataset):
    """A dataset in which `rows['column']` is a list, as data sets and evaluators of OpenCompass expect it; since
    version 4 of the library it is an object that neither adds to a list nor equals one."""

    @classmethod
    def of(cls, dataset: Dataset) -> Rows:
        """The same rows, not copied."""
        return cls(
            dataset.data,
            info=dataset.info,
            split=dataset.split,
            indices_table=dataset._indices,
            fingerprint=dataset._fingerprint,
        )

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return found[:] if isinstance(key, str) else found
