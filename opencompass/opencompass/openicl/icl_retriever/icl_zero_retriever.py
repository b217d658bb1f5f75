"""No examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...registry import ICL_RETRIEVERS
from .icl_base_retriever import BaseRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset


@ICL_RETRIEVERS.register_module()
class ZeroRetriever(BaseRetriever):
    """Gives no row any example: zero-shot."""

    def __init__(self, dataset: BaseDataset, ice_eos_token: str | None = '') -> None:
        super().__init__(dataset, ice_separator='', ice_eos_token=ice_eos_token, ice_num=0)

    def retrieve(self) -> list[list[int]]:
        """An empty list for each test row."""
        return [[] for _ in range(len(self.test_ds))]
