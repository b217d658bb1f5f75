"""QASPER: questions about scientific papers, answered by texts taken from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import layout, read_json
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class QASPERDataset(BaseDataset):
    """Questions (`dev`) whose answers stand in the paper: `answer` (a list), `question`, `evidence` (the paper)."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The questions of `path`/qasper-dev-v0.3.json that have an extractive answer."""
        return _dev(path, 'QASPERDataset', is_cut=False)


@LOAD_DATASET.register_module()
class QASPERCUTDataset(BaseDataset):
    """As QASPERDataset, but `evidence` begins with the first of the paragraphs that the annotators marked."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """As QASPERDataset. A paper is left whole where one of the marked texts, such as a table, is not in it."""
        return _dev(path, 'QASPERCUTDataset', is_cut=True)


def _dev(path: str, wanted_by: str, is_cut: bool) -> DatasetDict:
    from datasets import Dataset, DatasetDict

    file = need_local(f'{path.rstrip("/")}/qasper-dev-v0.3.json', wanted_by, 'the questions of QASPER 0.3')
    expected = 'papers with full_text > (section_name, paragraphs) and qas > (question, answers > answer)'
    with layout(file, expected):
        rows = [row for paper in read_json(file).values() for row in _questions(paper, is_cut)]
    return DatasetDict({'dev': Dataset.from_list(rows)})


def _questions(paper: dict, is_cut: bool) -> Iterator[dict]:
    text = '\n'.join(
        '{}\n{}\n'.format(section['section_name'] or '', '\n'.join(section['paragraphs']))
        for section in paper['full_text']
    )
    for asked in paper['qas']:
        answers = [each['answer'] for each in asked['answers']]
        spans = [span for answer in answers for span in answer['extractive_spans']]
        if spans:
            marked = [mark for answer in answers for mark in answer['evidence']]
            start = max(0, min(map(text.find, marked), default=0)) if is_cut else 0
            yield {'answer': spans, 'question': asked['question'], 'evidence': text[start:]}
