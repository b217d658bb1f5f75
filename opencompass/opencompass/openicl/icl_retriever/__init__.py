"""Retrievers: which in-context examples a test row gets."""

from .icl_base_retriever import BaseRetriever
from .icl_fix_k_retriever import FixKRetriever
from .icl_random_retriever import RandomRetriever
from .icl_zero_retriever import ZeroRetriever

__all__ = ['BaseRetriever', 'FixKRetriever', 'RandomRetriever', 'ZeroRetriever']
