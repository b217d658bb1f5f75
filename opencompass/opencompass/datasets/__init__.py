"""The benchmarks: a class for the files of each, its extraction of answers and its own evaluators."""

from .base import BaseDataset
from .bbh import bbh_freeform_postprocess, bbh_mcq_postprocess
from .cmrc import CMRCDataset, cmrc_postprocess
from .drcd import drcd_postprocess
from .flores import flores_postprocess, flores_postprocess_chinese
from .gsm8k import gsm8k_dataset_postprocess, gsm8k_postprocess
from .huggingface import HFDataset
from .humaneval import humaneval_postprocess
from .lcsts import lcsts_postprocess
from .math import math_postprocess
from .mmlu import MMLUDataset
from .strategyqa import strategyqa_dataset_postprocess, strategyqa_pred_postprocess
from .superglue import ReCoRD_postprocess
from .theoremqa import TheoremQA_postprocess
from .tigerbot_nano import TigerBotNanoDataset, tigerbot_nano_postprocess
from .truthfulqa import TruthfulQADataset, TruthfulQAEvaluator
from .xsum import Xsum_postprocess

__all__ = [
    'BaseDataset',
    'CMRCDataset',
    'HFDataset',
    'MMLUDataset',
    'ReCoRD_postprocess',
    'TheoremQA_postprocess',
    'TigerBotNanoDataset',
    'TruthfulQADataset',
    'TruthfulQAEvaluator',
    'Xsum_postprocess',
    'bbh_freeform_postprocess',
    'bbh_mcq_postprocess',
    'cmrc_postprocess',
    'drcd_postprocess',
    'flores_postprocess',
    'flores_postprocess_chinese',
    'gsm8k_dataset_postprocess',
    'gsm8k_postprocess',
    'humaneval_postprocess',
    'lcsts_postprocess',
    'math_postprocess',
    'strategyqa_dataset_postprocess',
    'strategyqa_pred_postprocess',
    'tigerbot_nano_postprocess',
]
