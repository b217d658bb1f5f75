"""Examples by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...utils.prompt import PromptError
from .icl_base_retriever import BaseRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset


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
        """`ice_num` different numbers for each test row."""
        if self.ice_num > len(self.index_ds):
            raise PromptError(f'ice_num is {self.ice_num}, but there are {len(self.index_ds)} rows to choose from')
        return self.drawn(self.seed, lambda draw: draw.choice(len(self.index_ds), self.ice_num, replace=False).tolist())
