"""Examples by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...registry import ICL_RETRIEVERS
from .icl_base_retriever import BaseRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset


@ICL_RETRIEVERS.register_module()
class RandomRetriever(BaseRetriever):
    """Gives each row its own random examples, the same ones in each run."""

    def __init__(
        self,
        dataset: BaseDataset,
        ice_separator: str | None = '\n',
        ice_eos_token: str | None = '\n',
        ice_num: int = 1,
        seed: int = 43,
    ) -> None:
        super().__init__(dataset, ice_separator, ice_eos_token, ice_num)
        self.seed = seed

    def retrieve(self) -> list[list[int]]:
        """`ice_num` different numbers for each test row, drawn in order of the rows."""
        draw = np.random.RandomState(self.seed)
        return [draw.choice(len(self.index_ds), self.ice_num, replace=False).tolist() for _ in range(len(self.test_ds))]
