"""LCSTS: headlines of Chinese short news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line
from opencompass.utils.paths import need_local

from ._read import read_lines, side_by_side
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset

STRAY_WORD = 'своей'  # Russian, of no meaning here; dropped from every published summary
LIST_MARKS = ('1. ', '- ')


@LOAD_DATASET.register_module()
class LCSTSDataset(BaseDataset):
    """`content`, a piece of news, and `abst`, its headline."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The lines of `path`/test.src.txt beside those of `path`/test.tgt.txt."""
        from datasets import Dataset

        root = path.rstrip('/')
        news = need_local(f'{root}/test.src.txt', 'LCSTSDataset', 'a piece of news a line')
        headlines = need_local(f'{root}/test.tgt.txt', 'LCSTSDataset', 'the headlines of test.src.txt, one a line')
        rows = side_by_side(news, read_lines(news), headlines, read_lines(headlines))
        return Dataset.from_list([{'content': content, 'abst': headline} for content, headline in rows])


@TEXT_POSTPROCESSORS.register_module('lcsts')
def lcsts_postprocess(text: str) -> str:
    """The first line without Chinese punctuation around it. A list mark at its start is dropped all through it."""
    headline = first_line(text.strip()).replace(STRAY_WORD, '').strip()
    for mark in LIST_MARKS:
        if headline.startswith(mark):
            headline = headline.replace(mark, '')
    return headline.strip('“”，。！')
