"""Tasks: what runs in one process."""

from .base import BaseTask
from .model_eval import ModelEvaluator
from .openicl_eval import OpenICLEvalTask
from .openicl_infer import OpenICLInferTask

__all__ = ['BaseTask', 'ModelEvaluator', 'OpenICLEvalTask', 'OpenICLInferTask']
