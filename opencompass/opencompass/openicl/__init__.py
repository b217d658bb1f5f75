"""In-context learning: templates, readers, retrievers, inferencers, evaluators."""

from . import icl_evaluator, icl_inferencer, icl_retriever
from .icl_dataset_reader import DatasetReader
from .icl_prompt_template import PromptTemplate

__all__ = ['DatasetReader', 'PromptTemplate', 'icl_evaluator', 'icl_inferencer', 'icl_retriever']
