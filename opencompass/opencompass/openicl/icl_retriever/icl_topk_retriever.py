"""Examples that mean about the same as the question."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...registry import ICL_RETRIEVERS
from ...utils.optional import optional
from ...utils.paths import find_local
from ...utils.prompt import PromptError
from .icl_base_retriever import BaseRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset


@ICL_RETRIEVERS.register_module()
class TopkRetriever(BaseRetriever):
    """Gives each row the examples whose input is nearest in the space of a sentence embedding, nearest first.

    After Liu et al. 2022, "What Makes Good In-Context Examples for GPT-3?" (arXiv:2101.06804).

    Args:
        sentence_transformers_model_name: name or folder of the embedding model.
        tokenizer_name: accepted for old configs; the embedding model has its own.
        batch_size: texts that are embedded together.
    """

    def __init__(
        self,
        dataset: BaseDataset,
        ice_separator: str | None = '\n',
        ice_eos_token: str | None = '\n',
        ice_num: int = 1,
        sentence_transformers_model_name: str = 'all-mpnet-base-v2',
        tokenizer_name: str = 'gpt2-xl',
        batch_size: int = 1,
    ) -> None:
        super().__init__(dataset, ice_separator, ice_eos_token, ice_num)
        self.sentence_transformers_model_name = sentence_transformers_model_name
        self.tokenizer_name = tokenizer_name
        self.batch_size = batch_size
        if not len(self.index_ds):
            raise PromptError(f'{type(self).__name__} has no rows to choose examples from: the train split is empty')

    def retrieve(self) -> list[list[int]]:
        """`ice_num` numbers for each test row, all there are if there are fewer."""
        return self.nearest(self.ice_num).tolist()

    def nearest(self, count: int) -> np.ndarray:
        """For each test row the numbers of the nearest examples: [test rows, count], of equals the first."""
        return np.argsort(-self.test_embeddings @ self.index_embeddings.T, axis=1, kind='stable')[:, :count]

    @cached_property
    def index_embeddings(self) -> np.ndarray:
        """Of the rows to choose from: [rows, dimensions]."""
        return self.embed(self.dataset_reader.generate_input_field_corpus(self.index_ds))

    @cached_property
    def test_embeddings(self) -> np.ndarray:
        """Of the test rows: [rows, dimensions]."""
        return self.embed(self.dataset_reader.generate_input_field_corpus(self.test_ds))

    def embed(self, texts: list) -> np.ndarray:
        """[texts, dimensions], float32."""
        found = self._embedder.encode(
            [str(text) for text in texts], batch_size=self.batch_size, show_progress_bar=False
        )
        return np.asarray(found, dtype=np.float32)

    @cached_property
    def _embedder(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
        library = optional('sentence_transformers', 'sentence-transformers', type(self).__name__)
        name = self.sentence_transformers_model_name
        return library.SentenceTransformer(str(find_local(name) or name))
