"""Tasks: what runs in one process."""

from .base import BaseTask
from .openicl_eval import OpenICLEvalTask
from .openicl_infer import OpenICLInferTask

__all__ = ['BaseTask', 'OpenICLEvalTask', 'OpenICLInferTask']
