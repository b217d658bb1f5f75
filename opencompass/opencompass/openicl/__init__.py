"""In-context learning: templates, readers, retrievers, inferencers, evaluators."""

from .icl_dataset_reader import DatasetReader
from .icl_prompt_template import PromptTemplate

__all__ = ['DatasetReader', 'PromptTemplate']
