"""The benchmarks: a class for the files of each, its extraction of answers and its own evaluators."""

from .base import BaseDataset
from .bbh import bbh_freeform_postprocess, bbh_mcq_postprocess
from .civilcomments import CivilCommentsDataset
from .cmrc import CMRCDataset, cmrc_postprocess
from .cvalues import CValuesDataset
from .drcd import drcd_postprocess
from .drop import dropDataset
from .flores import FloresFirst100Dataset, flores_postprocess, flores_postprocess_chinese
from .govrepcrs import GovRepcrsDataset
from .gsm8k import gsm8k_dataset_postprocess, gsm8k_postprocess
from .huggingface import HFDataset
from .humaneval import humaneval_postprocess
from .iwslt2017 import IWSLT2017Dataset
from .jigsawmultilingual import JigsawMultilingualDataset
from .lambada import LambadaEvaluator, lambadaDataset
from .lcsts import LCSTSDataset, lcsts_postprocess
from .math import math_postprocess
from .mmlu import MMLUDataset
from .narrativeqa import NarrativeQADataset
from .natural_question import NaturalQuestionDataset, NQEvaluator
from .qasper import QASPERCUTDataset, QASPERDataset
from .realtoxicprompts import RealToxicPromptsDataset
from .safety import SafetyDataset
from .strategyqa import strategyqa_dataset_postprocess, strategyqa_pred_postprocess
from .summedits import SummeditsDataset_V2
from .summscreen import SummScreenDataset
from .superglue import ReCoRD_postprocess
from .theoremqa import TheoremQA_postprocess
from .tigerbot_nano import TigerBotNanoDataset, tigerbot_nano_postprocess
from .triviaqa import TriviaQADataset, TriviaQAEvaluator, TriviaQArcDataset
from .truthfulqa import TruthfulQADataset, TruthfulQAEvaluator
from .tydiqa import TydiQADataset, TydiQAEvaluator
from .xcopa import XCOPADataset
from .xlsum import XLSUMDataset
from .xsum import Xsum_postprocess, XsumDataset

__all__ = [
    'BaseDataset',
    'CMRCDataset',
    'CValuesDataset',
    'CivilCommentsDataset',
    'FloresFirst100Dataset',
    'GovRepcrsDataset',
    'HFDataset',
    'IWSLT2017Dataset',
    'JigsawMultilingualDataset',
    'LCSTSDataset',
    'LambadaEvaluator',
    'MMLUDataset',
    'NQEvaluator',
    'NarrativeQADataset',
    'NaturalQuestionDataset',
    'QASPERCUTDataset',
    'QASPERDataset',
    'ReCoRD_postprocess',
    'RealToxicPromptsDataset',
    'SafetyDataset',
    'SummScreenDataset',
    'SummeditsDataset_V2',
    'TheoremQA_postprocess',
    'TigerBotNanoDataset',
    'TriviaQADataset',
    'TriviaQAEvaluator',
    'TriviaQArcDataset',
    'TruthfulQADataset',
    'TruthfulQAEvaluator',
    'TydiQADataset',
    'TydiQAEvaluator',
    'XCOPADataset',
    'XLSUMDataset',
    'XsumDataset',
    'Xsum_postprocess',
    'bbh_freeform_postprocess',
    'bbh_mcq_postprocess',
    'cmrc_postprocess',
    'drcd_postprocess',
    'dropDataset',
    'flores_postprocess',
    'flores_postprocess_chinese',
    'gsm8k_dataset_postprocess',
    'gsm8k_postprocess',
    'humaneval_postprocess',
    'lambadaDataset',
    'lcsts_postprocess',
    'math_postprocess',
    'strategyqa_dataset_postprocess',
    'strategyqa_pred_postprocess',
    'tigerbot_nano_postprocess',
]
