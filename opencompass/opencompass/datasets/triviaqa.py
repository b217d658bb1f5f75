"""TriviaQA: trivia questions, alone or with a text that holds the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import layout, read_answers, read_json, read_text
from .base import BaseDataset
from .natural_question import NQEvaluator

if TYPE_CHECKING:
    from datasets import DatasetDict

#: Characters of a text that are read.
EVIDENCE_LIMIT = 100000


@LOAD_DATASET.register_module()
class TriviaQADataset(BaseDataset):
    """Questions (`dev`) with the list of their answers."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The rows of `path`/trivia-dev.qa.csv: question TAB list of answers."""
        from datasets import Dataset, DatasetDict

        file = need_local(
            f'{path.rstrip("/")}/trivia-dev.qa.csv',
            'TriviaQADataset',
            "rows of question TAB list of answers, such as ['Paris', 'the city']",
        )
        return DatasetDict({'dev': Dataset.from_list(list(read_answers(file)))})


@LOAD_DATASET.register_module()
class TriviaQArcDataset(BaseDataset):
    """Reading comprehension (`dev`): `question`, `answer` (a list) and `evidence`, a page that was found for it."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The verified questions of the web, then those of Wikipedia, with the first of their pages below
        `path`/evidence; '' where they have none."""
        from datasets import Dataset, DatasetDict

        root = path.rstrip('/')
        rows = [
            *_with_pages(root, 'web', 'SearchResults', also='HumanAnswers'),
            *_with_pages(root, 'wikipedia', 'EntityPages'),
        ]
        return DatasetDict({'dev': Dataset.from_list(rows)})


def _with_pages(root: str, source: str, pages: str, also: str | None = None) -> Iterator[dict]:
    """The questions of one source. Aliases are always given, what to accept `also` only for some of them."""
    file = need_local(f'{root}/qa/verified-{source}-dev.json', 'TriviaQArcDataset', 'the questions of TriviaQA 1.0')
    with layout(file, f'Data > (Question, Answer > Aliases, {pages} > Filename)'):
        asked = [
            {
                'answer': item['Answer']['Aliases'] + item['Answer'].get(also, []),
                'question': item['Question'],
                'evidence': [page['Filename'] for page in item[pages]],
            }
            for item in read_json(file)['Data']
        ]
    for row in asked:
        yield row | {'evidence': _page(root, source, row['evidence'][0]) if row['evidence'] else ''}


def _page(root: str, source: str, name: str) -> str:
    page = need_local(f'{root}/evidence/{source}/{name}', 'TriviaQArcDataset', 'the text of a page')
    return read_text(page)[:EVIDENCE_LIMIT]


@ICL_EVALUATORS.register_module()
class TriviaQAEvaluator(NQEvaluator):
    """TriviaQA, QASPER and NarrativeQA are scored as Natural Questions."""
