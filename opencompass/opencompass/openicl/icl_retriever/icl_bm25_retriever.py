"""Examples that share rare words with the question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ...registry import ICL_RETRIEVERS
from ...utils.optional import optional
from .icl_base_retriever import BaseRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset

HAN = re.compile(r'[\u3400-\u4dbf\u4e00-\u9fff]')
#: A longer run of Chinese characters is no word.
PHRASE = re.compile(r'[\u3400-\u4dbf\u4e00-\u9fff]{6,}')


@ICL_RETRIEVERS.register_module()
class BM25Retriever(BaseRetriever):
    """Gives each row the examples whose input scores highest by Okapi BM25 (Robertson and Zaragoza 2009), best
    first."""

    def __init__(
        self, dataset: BaseDataset, ice_separator: str | None = '\n', ice_eos_token: str | None = '\n', ice_num: int = 1
    ) -> None:
        super().__init__(dataset, ice_separator, ice_eos_token, ice_num)
        library = optional('rank_bm25', 'rank-bm25', 'BM25Retriever')
        read = self.dataset_reader.generate_input_field_corpus
        self.index_corpus = [words(str(text)) for text in read(self.index_ds)]
        self.test_corpus = [words(str(text)) for text in read(self.test_ds)]
        self.bm25 = library.BM25Okapi(self.index_corpus)

    def retrieve(self) -> list[list[int]]:
        """`ice_num` numbers for each test row; ties as numpy leaves them, as published prompts have it."""
        return [np.argsort(self.bm25.get_scores(tokens))[::-1][: self.ice_num].tolist() for tokens in self.test_corpus]


def words(text: str) -> list[str]:
    """Words and punctuation marks as nltk splits English.

    Chinese that is not written with blanks between its words is
    segmented by jieba: as a single token a sentence would share nothing with any other.
    """
    from nltk.tokenize import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktSentenceTokenizer

    split = NLTKWordTokenizer().tokenize
    # Untrained: a trained one needs a download, and would make prompts depend on whether it is there.
    tokens = [token for sentence in PunktSentenceTokenizer().tokenize(text) for token in split(sentence)]
    is_unspaced = HAN.search(text) is not None and len(text.split()) == 1
    return [
        word for token in tokens for word in (_segmented(token) if is_unspaced or PHRASE.search(token) else [token])
    ]


def _segmented(token: str) -> list[str]:
    jieba = optional('jieba', 'jieba', 'BM25Retriever on Chinese texts')
    jieba.setLogLevel('WARNING')
    return jieba.lcut(token)
