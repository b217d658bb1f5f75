"""What all layers use."""

from .abbr import dataset_abbr_from_cfg, get_infer_output_path, model_abbr_from_cfg, task_abbr_from_cfg
from .build import build_dataset_from_cfg, build_model_from_cfg
from .lark import LarkReporter
from .logging import get_logger
from .menu import Menu
from .prompt import PromptList, get_prompt_hash, safe_format
from .summarizer import Summarizer
from .text_postprocessors import (
    first_capital_postprocess,
    first_capital_postprocess_multi,
    general_cn_postprocess,
    general_postprocess,
)

__all__ = [
    'LarkReporter',
    'Menu',
    'PromptList',
    'Summarizer',
    'build_dataset_from_cfg',
    'build_model_from_cfg',
    'dataset_abbr_from_cfg',
    'first_capital_postprocess',
    'first_capital_postprocess_multi',
    'general_cn_postprocess',
    'general_postprocess',
    'get_infer_output_path',
    'get_logger',
    'get_prompt_hash',
    'model_abbr_from_cfg',
    'safe_format',
    'task_abbr_from_cfg',
]
