"""Jigsaw multilingual: is a comment on a Wikipedia talk page toxic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import Row, read_table, side_by_side
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

LANGUAGES = ('es', 'fr', 'it', 'pt', 'ru', 'tr')
CHOICES = ['no', 'yes']


class UnknownLanguage(ValueError, AssertionError):
    """A language that the benchmark has not. OpenCompass 0.1 raises an AssertionError."""


@LOAD_DATASET.register_module()
class JigsawMultilingualDataset(BaseDataset):
    """Comments (`test`) in one language: `idx`, `text`, `label` (1 is toxic) and `choices`."""

    @staticmethod
    def load(path: str, label: str, lang: str) -> DatasetDict:
        """Comments of `path` (columns id, content, lang) with the labels of `label` (id, toxic) in the same order."""
        from datasets import Dataset, DatasetDict

        if lang not in LANGUAGES:
            raise UnknownLanguage(f'JigsawMultilingualDataset knows the languages {", ".join(LANGUAGES)}, not {lang!r}')
        comments = need_local(path, 'JigsawMultilingualDataset', 'comments in columns id, content, lang')
        labels = need_local(label, 'JigsawMultilingualDataset', 'the labels of the comments in columns id, toxic')
        pairs = side_by_side(comments, list(read_table(comments)), labels, list(read_table(labels)))
        rows = [(comment['content'], _label(comment, judged)) for comment, judged in pairs if comment['lang'] == lang]
        return DatasetDict(
            {
                'test': Dataset.from_list(
                    [
                        {'idx': index, 'text': text, 'label': toxic, 'choices': CHOICES}
                        for index, (text, toxic) in enumerate(rows)
                    ]
                )
            }
        )


def _label(comment: Row, judged: Row) -> int:
    if judged['id'] != comment['id']:
        raise judged.corrupt(f'expected the id {comment["id"]} of {comment.place}, found {judged["id"]}')
    if judged['toxic'] not in ('0', '1'):
        raise judged.corrupt(f'expected 0 or 1 as toxic, found {judged["toxic"]!r}')
    return int(judged['toxic'])
