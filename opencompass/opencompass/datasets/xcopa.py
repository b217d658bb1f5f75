"""XCOPA: choice of the cause or the effect, in eleven languages and translated to English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET

from .base import BaseDataset
from .huggingface import load_configurations

if TYPE_CHECKING:
    from datasets import Dataset

HUB_NAME = 'xcopa'
LANGUAGES = ['et', 'ht', 'it', 'id', 'qu', 'sw', 'zh', 'ta', 'th', 'tr', 'vi']
#: Rows translated to English, which there are not of Quechua.
TRANSLATIONS = [f'translation-{language}' for language in LANGUAGES if language != 'qu']


@LOAD_DATASET.register_module()
class XCOPADataset(BaseDataset):
    """Premises and two choices: the validation rows of all languages, one language after the other."""

    @staticmethod
    def load(**kwargs: Any) -> Dataset:
        """Rows of the hub's data set `path`, by default `xcopa`; other arguments do not count."""
        return load_configurations(kwargs.get('path', HUB_NAME), LANGUAGES + TRANSLATIONS, 'validation')
