"""XL-Sum: summaries of news in 45 languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET

from .base import BaseDataset
from .huggingface import load_configurations

if TYPE_CHECKING:
    from datasets import Dataset

HUB_NAME = 'csebuetnlp/xlsum'
LANGUAGES = [
    'oromo',
    'french',
    'amharic',
    'arabic',
    'azerbaijani',
    'bengali',
    'burmese',
    'chinese_simplified',
    'chinese_traditional',
    'welsh',
    'english',
    'kirundi',
    'gujarati',
    'hausa',
    'hindi',
    'igbo',
    'indonesian',
    'japanese',
    'korean',
    'kyrgyz',
    'marathi',
    'spanish',
    'scottish_gaelic',
    'nepali',
    'pashto',
    'persian',
    'pidgin',
    'portuguese',
    'punjabi',
    'russian',
    'serbian_cyrillic',
    'serbian_latin',
    'sinhala',
    'somali',
    'swahili',
    'tamil',
    'telugu',
    'thai',
    'tigrinya',
    'turkish',
    'ukrainian',
    'urdu',
    'uzbek',
    'vietnamese',
    'yoruba',
]


@LOAD_DATASET.register_module()
class XLSUMDataset(BaseDataset):
    """News and their summaries: the validation rows of all languages, one language after the other."""

    @staticmethod
    def load(**kwargs: Any) -> Dataset:
        """Rows of the hub's data set `path`, by default `csebuetnlp/xlsum`; other arguments do not count."""
        return load_configurations(kwargs.get('path', HUB_NAME), LANGUAGES, 'validation')
