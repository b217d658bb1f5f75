"""The benchmarks: a class for the files of each, its extraction of answers and its own evaluators."""

from .base import BaseDataset
from .cmrc import CMRCDataset, cmrc_postprocess
from .gsm8k import gsm8k_dataset_postprocess, gsm8k_postprocess
from .huggingface import HFDataset
from .mmlu import MMLUDataset
from .tigerbot_nano import TigerBotNanoDataset, tigerbot_nano_postprocess

__all__ = [
    'BaseDataset',
    'CMRCDataset',
    'HFDataset',
    'MMLUDataset',
    'TigerBotNanoDataset',
    'cmrc_postprocess',
    'gsm8k_dataset_postprocess',
    'gsm8k_postprocess',
    'tigerbot_nano_postprocess',
]
