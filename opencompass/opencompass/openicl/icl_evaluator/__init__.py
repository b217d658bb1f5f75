"""Scores of predictions."""

from .icl_aucroc_evaluator import AUCROCEvaluator
from .icl_base_evaluator import BaseEvaluator
from .icl_em_evaluator import EMEvaluator, ExactMatchEvaluator
from .icl_hf_evaluator import AccEvaluator, BleuEvaluator, MccEvaluator, RougeEvaluator, SquadEvaluator
from .icl_jieba_rouge_evaluator import JiebaRougeEvaluator
from .icl_toxic_evaluator import ToxicEvaluator

__all__ = [
    'AUCROCEvaluator',
    'AccEvaluator',
    'BaseEvaluator',
    'BleuEvaluator',
    'EMEvaluator',
    'ExactMatchEvaluator',
    'JiebaRougeEvaluator',
    'MccEvaluator',
    'RougeEvaluator',
    'SquadEvaluator',
    'ToxicEvaluator',
]
