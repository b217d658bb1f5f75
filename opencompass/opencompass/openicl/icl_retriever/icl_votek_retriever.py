"""The same examples for all: typical ones that differ from each other."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np

from .icl_topk_retriever import TopkRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset


class VotekRetriever(TopkRetriever):
    """Each row votes for the `votek_k` rows nearest to it; the most voted are taken, but none whose voters have all
    voted for one before.

    After Su et al. 2022, "Selective Annotation" (arXiv:2209.01975). What is missing to `ice_num` is drawn by chance,
    the same in each run.
    """

    def __init__(self, dataset: BaseDataset, *args: Any, votek_k: int = 3, **kwargs: Any) -> None:
        super().__init__(dataset, *args, **kwargs)
        self.votek_k = votek_k

    def retrieve(self) -> list[list[int]]:
        """`ice_num` numbers, the same for each test row."""
        chosen = self._elected()
        others = [number for number in range(len(self.index_ds)) if number not in chosen]
        missing = min(self.ice_num - len(chosen), len(others))
        chosen += random.Random(0).sample(others, missing)
        return [list(chosen) for _ in range(len(self.test_ds))]

    def _elected(self) -> list[int]:
        """The most voted rows, each with a voter of its own."""
        voters = self._voters()
        ranked = sorted(voters, key=lambda number: -len(voters[number]))
        chosen: list[int] = []
        for place, number in enumerate(ranked):
            if len(chosen) == self.ice_num:
                break
            if not any(voters[number] <= voters[before] for before in ranked[:place]):
                chosen.append(number)
        return chosen

    def _voters(self) -> dict[int, set[int]]:
        """Who votes for each row, in the order of the first votes."""
        embeddings = self.index_embeddings
        norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
        unit = np.divide(embeddings, norms, out=np.zeros_like(embeddings), where=norms > 0)
        voters: dict[int, set[int]] = {}
        for number, near in enumerate(np.argsort(unit @ unit.T, axis=1, kind='stable')):
            for choice in near[-self.votek_k - 1 : -1].tolist():
                if choice != number:
                    voters.setdefault(choice, set()).add(number)
        return voters
