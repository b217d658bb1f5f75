"""The benchmarks: a class for the files of each, its extraction of answers and its own evaluators."""

from .agieval import AGIEvalDataset, AGIEvalDataset_v2, AGIEvalEvaluator, is_equiv, parse_math_answer
from .arc import ARCDataset
from .base import BaseDataset
from .bbh import BBHDataset, BBHEvaluator, bbh_freeform_postprocess, bbh_mcq_postprocess
from .ceval import CEvalDataset
from .civilcomments import CivilCommentsDataset
from .clue import (
    AFQMCDataset_V2,
    C3Dataset,
    C3Dataset_V2,
    CHIDDataset,
    CHIDDataset_V2,
    CluewscDataset,
    CluewscDataset_V2,
    CslDataset,
    CslDataset_V2,
    TNewsDataset,
    TNewsDataset_V2,
    bustumDataset_V2,
    cmnliDataset_V2,
    eprstmtDataset_V2,
)
from .cmrc import CMRCDataset, cmrc_postprocess
from .commonsenseqa import commonsenseqaDataset
from .crowspairs import crowspairsDataset, crowspairsDataset_V2
from .cvalues import CValuesDataset
from .drcd import DRCDDataset, drcd_postprocess
from .drop import dropDataset
from .flores import FloresFirst100Dataset, flores_postprocess, flores_postprocess_chinese
from .gaokao_bench import GaokaoBenchDataset, GaokaoBenchEvaluator
from .govrepcrs import GovRepcrsDataset
from .gsm8k import gsm8k_dataset_postprocess, gsm8k_postprocess
from .hellaswag import hellaswagDataset, hellaswagDataset_V2
from .huggingface import HFDataset
from .humaneval import HumanEvaluator, humaneval_postprocess
from .iwslt2017 import IWSLT2017Dataset
from .jigsawmultilingual import JigsawMultilingualDataset
from .lambada import LambadaEvaluator, lambadaDataset
from .lcsts import LCSTSDataset, lcsts_postprocess
from .math import MATHDataset, MATHEvaluator, math_postprocess
from .mbpp import MBPPDataset, MBPPEvaluator, TimeOutException
from .mmlu import MMLUDataset
from .narrativeqa import NarrativeQADataset
from .natural_question import NaturalQuestionDataset, NQEvaluator
from .obqa import OBQADataset
from .piqa import piqaDataset_V2
from .pjexam import PJExamDataset, PJExamEvaluator
from .qasper import QASPERCUTDataset, QASPERDataset
from .race import RaceDataset
from .realtoxicprompts import RealToxicPromptsDataset
from .safety import SafetyDataset
from .siqa import siqaDataset_V2
from .storycloze import storyclozeDataset, storyclozeDataset_V2
from .strategyqa import strategyqa_dataset_postprocess, strategyqa_pred_postprocess
from .summedits import SummeditsDataset_V2
from .summscreen import SummScreenDataset
from .superglue import (
    AXDataset_V2,
    BoolQDataset,
    BoolQDataset_V2,
    CBDataset_V2,
    COPADataset_V2,
    MultiRCDataset,
    MultiRCDataset_V2,
    ReCoRD_postprocess,
    ReCoRDDataset,
    WiCDataset,
    WiCDataset_V2,
    WSCDataset,
    WSCDataset_V2,
    WSCDataset_V3,
)
from .theoremqa import TheoremQA_postprocess, TheoremQADataset
from .tigerbot_nano import TigerBotNanoDataset, tigerbot_nano_postprocess
from .triviaqa import TriviaQADataset, TriviaQAEvaluator, TriviaQArcDataset
from .truthfulqa import TruthfulQADataset, TruthfulQAEvaluator
from .tydiqa import TydiQADataset, TydiQAEvaluator
from .winograd import winogradDataset
from .winogrande import winograndeDataset, winograndeDataset_V2
from .xcopa import XCOPADataset
from .xlsum import XLSUMDataset
from .xsum import Xsum_postprocess, XsumDataset

__all__ = [
    'AFQMCDataset_V2',
    'AGIEvalDataset',
    'AGIEvalDataset_v2',
    'AGIEvalEvaluator',
    'ARCDataset',
    'AXDataset_V2',
    'BBHDataset',
    'BBHEvaluator',
    'BaseDataset',
    'BoolQDataset',
    'BoolQDataset_V2',
    'C3Dataset',
    'C3Dataset_V2',
    'CBDataset_V2',
    'CEvalDataset',
    'CHIDDataset',
    'CHIDDataset_V2',
    'CMRCDataset',
    'COPADataset_V2',
    'CValuesDataset',
    'CivilCommentsDataset',
    'CluewscDataset',
    'CluewscDataset_V2',
    'CslDataset',
    'CslDataset_V2',
    'DRCDDataset',
    'FloresFirst100Dataset',
    'GaokaoBenchDataset',
    'GaokaoBenchEvaluator',
    'GovRepcrsDataset',
    'HFDataset',
    'HumanEvaluator',
    'IWSLT2017Dataset',
    'JigsawMultilingualDataset',
    'LCSTSDataset',
    'LambadaEvaluator',
    'MATHDataset',
    'MATHEvaluator',
    'MBPPDataset',
    'MBPPEvaluator',
    'MMLUDataset',
    'MultiRCDataset',
    'MultiRCDataset_V2',
    'NQEvaluator',
    'NarrativeQADataset',
    'NaturalQuestionDataset',
    'OBQADataset',
    'PJExamDataset',
    'PJExamEvaluator',
    'QASPERCUTDataset',
    'QASPERDataset',
    'RaceDataset',
    'ReCoRDDataset',
    'ReCoRD_postprocess',
    'RealToxicPromptsDataset',
    'SafetyDataset',
    'SummScreenDataset',
    'SummeditsDataset_V2',
    'TNewsDataset',
    'TNewsDataset_V2',
    'TheoremQADataset',
    'TheoremQA_postprocess',
    'TigerBotNanoDataset',
    'TimeOutException',
    'TriviaQADataset',
    'TriviaQAEvaluator',
    'TriviaQArcDataset',
    'TruthfulQADataset',
    'TruthfulQAEvaluator',
    'TydiQADataset',
    'TydiQAEvaluator',
    'WSCDataset',
    'WSCDataset_V2',
    'WSCDataset_V3',
    'WiCDataset',
    'WiCDataset_V2',
    'XCOPADataset',
    'XLSUMDataset',
    'XsumDataset',
    'Xsum_postprocess',
    'bbh_freeform_postprocess',
    'bbh_mcq_postprocess',
    'bustumDataset_V2',
    'cmnliDataset_V2',
    'cmrc_postprocess',
    'commonsenseqaDataset',
    'crowspairsDataset',
    'crowspairsDataset_V2',
    'drcd_postprocess',
    'dropDataset',
    'eprstmtDataset_V2',
    'flores_postprocess',
    'flores_postprocess_chinese',
    'gsm8k_dataset_postprocess',
    'gsm8k_postprocess',
    'hellaswagDataset',
    'hellaswagDataset_V2',
    'humaneval_postprocess',
    'is_equiv',
    'lambadaDataset',
    'lcsts_postprocess',
    'math_postprocess',
    'parse_math_answer',
    'piqaDataset_V2',
    'siqaDataset_V2',
    'storyclozeDataset',
    'storyclozeDataset_V2',
    'strategyqa_dataset_postprocess',
    'strategyqa_pred_postprocess',
    'tigerbot_nano_postprocess',
    'winogradDataset',
    'winograndeDataset',
    'winograndeDataset_V2',
]
