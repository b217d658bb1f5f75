"""Examples that are near to the question and unlike each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .icl_topk_retriever import TopkRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset

#: Below this what a further example would add is rounding.
LEAST_GAIN = 1e-10


class DPPRetriever(TopkRetriever):
    """Chooses among the nearest examples by a determinantal point process.

    After Ye et al. 2023, "Compositional Exemplars for In-context Learning" (arXiv:2302.05698).

    Args:
        candidate_num: how many nearest examples are looked at.
        scale_factor: the smaller, the more nearness counts against variety.
    """

    def __init__(
        self,
        dataset: BaseDataset,
        *args: Any,
        candidate_num: int = 1,
        seed: int = 1,
        scale_factor: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(dataset, *args, **kwargs)
        self.candidate_num = candidate_num
        self.seed = seed  # accepted for old configs: nothing is drawn
        self.scale_factor = scale_factor

    def retrieve(self) -> list[list[int]]:
        """`ice_num` numbers for each test row, the nearest first."""
        near = self.nearest(self.candidate_num)
        return [self._chosen(embedding[None], row) for embedding, row in zip(self.test_embeddings, near, strict=True)]

    def _chosen(self, embedding: np.ndarray, candidates: np.ndarray) -> list[int]:
        _, relevance, kernel = self.get_kernel(embedding, candidates.tolist())
        chosen = np.array(fast_map_dpp(kernel, self.ice_num), dtype=int)
        by_relevance = chosen[np.argsort(-relevance[chosen], kind='stable')]
        return candidates[by_relevance].tolist()

    def get_kernel(self, embed: np.ndarray, candidates: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Embeddings of the candidates, how relevant each is to the question (`embed`, [1, dimensions]), and their
        similarities weighted with it, [candidates, candidates]."""
        near = self.index_embeddings[candidates]
        unit = near / np.linalg.norm(near, keepdims=True, axis=1)
        cosine = unit @ (embed / np.linalg.norm(embed, keepdims=True, axis=-1))[0]
        shifted = (cosine + 1) / 2
        relevance = np.exp((shifted - shifted.max()) / (2 * self.scale_factor))
        similarity = (unit @ unit.T + 1) / 2
        return near, relevance, relevance[None] * similarity * relevance[:, None]


def fast_map_dpp(kernel_matrix: np.ndarray, max_length: int) -> list[int]:
    """Positions that greedily maximise the determinant of their part of the kernel, at most `max_length`.

    Chen, Zhang and Zhou 2018, "Fast Greedy MAP Inference for Determinantal Point Process" (arXiv:1709.05135): rows of
    the Cholesky factor are added one by one.
    """
    size = len(kernel_matrix)
    factor = np.zeros((max_length, size))
    gain = np.array(np.diag(kernel_matrix), dtype=float)
    chosen = [int(np.argmax(gain))]
    while len(chosen) < min(max_length, size):
        last, row = chosen[-1], len(chosen) - 1
        added = (kernel_matrix[last] - factor[:row, last] @ factor[:row]) / np.sqrt(gain[last])
        factor[row] = added
        gain = gain - added**2
        gain[chosen] = -np.inf
        best = int(np.argmax(gain))
        if gain[best] < LEAST_GAIN:
            break
        chosen.append(best)
    return chosen
