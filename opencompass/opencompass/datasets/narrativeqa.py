"""NarrativeQA: questions about books and film scripts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.logging import get_logger
from opencompass.utils.paths import find_local, need_local

from ._read import read_table, read_text
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

SPLITS = ('train', 'valid', 'test')
#: Characters of a story that are read.
STORY_LIMIT = 100000
#: Rows of one Arrow array, which holds up to 2 GB of text: the whole of `train` has more.
CHUNK = 1000


@LOAD_DATASET.register_module()
class NarrativeQADataset(BaseDataset):
    """`question`, `answer` (a list of two) and `evidence`, the beginning of the story."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The questions of `path`/qaps.csv whose story is there, as `path`/tmp/DOCUMENT_ID.content."""
        from datasets import DatasetDict

        root = path.rstrip('/')
        file = need_local(f'{root}/qaps.csv', 'NarrativeQADataset', 'the questions of NarrativeQA')
        story = functools.cache(functools.partial(_story, root))
        splits: dict[str, list[dict]] = {split: [] for split in SPLITS}
        without = 0
        for row in read_table(file):
            if row['set'] not in splits:
                raise row.corrupt(f"expected 'train', 'valid' or 'test' as set, found {row['set']!r}")
            evidence = story(row['document_id'])
            if evidence is None:
                without += 1
                continue
            answers = [row['answer1'], row['answer2']]
            splits[row['set']].append({'answer': answers, 'question': row['question'], 'evidence': evidence})
        if without:
            get_logger().warning(f'questions of {file} left out because their story is not in {root}/tmp: {without}')
        return DatasetDict({split: _table(rows) for split, rows in splits.items()})


def _table(rows: list[dict]) -> Dataset:
    from datasets import Dataset, concatenate_datasets

    starts = range(0, len(rows), CHUNK) or [0]
    return concatenate_datasets([Dataset.from_list(rows[start : start + CHUNK]) for start in starts])


def _story(root: str, document: str) -> str | None:
    """The beginning of the story, None where its file is missing."""
    file = find_local(f'{root}/tmp/{document}.content')
    return None if file is None else read_text(file)[:STORY_LIMIT]
