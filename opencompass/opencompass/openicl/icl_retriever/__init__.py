"""Retrievers: which in-context examples a test row gets."""

from .icl_base_retriever import BaseRetriever
from .icl_bm25_retriever import BM25Retriever
from .icl_dpp_retriever import DPPRetriever
from .icl_fix_k_retriever import FixKRetriever
from .icl_mdl_retriever import MDLRetriever
from .icl_random_retriever import RandomRetriever
from .icl_topk_retriever import TopkRetriever
from .icl_votek_retriever import VotekRetriever
from .icl_zero_retriever import ZeroRetriever

__all__ = [
    'BM25Retriever',
    'BaseRetriever',
    'DPPRetriever',
    'FixKRetriever',
    'MDLRetriever',
    'RandomRetriever',
    'TopkRetriever',
    'VotekRetriever',
    'ZeroRetriever',
]
