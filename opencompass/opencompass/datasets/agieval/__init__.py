"""AGIEval: questions of entrance exams in English and Chinese."""

from .dataset import AGIEvalDataset, AGIEvalDataset_v2
from .evaluation import AGIEvalEvaluator
from .math_equivalence import is_equiv
from .post_process import parse_math_answer

__all__ = ['AGIEvalDataset', 'AGIEvalDataset_v2', 'AGIEvalEvaluator', 'is_equiv', 'parse_math_answer']
