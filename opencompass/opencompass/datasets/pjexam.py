"""PJExam: papers of the Chinese entrance exams to universities (gk) and to high schools (zk), all choices.

OpenCompass 0.1 has configs for it and no code, and its files are not published: the layout is the one below.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import unusable
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import read_jsonl
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset

ANSWER_MARK, END_MARK = '【答案】', '<eoa>'
FIELDS = {'question': str, 'std_ans': str | list}


@LOAD_DATASET.addition
class PJExamDataset(BaseDataset):
    """One row a question of a paper, with all columns of the file; `std_ans` is a text such as 'A' or 'AC'.

    `eval_infos` holds `std_ans` and the `score` that the question is worth, 1 where the file has none.
    """

    @staticmethod
    def load(path: str, name: str) -> Dataset:
        """The questions of `path`/NAME.jsonl: objects with `question` (the choices included) and `std_ans`."""
        from datasets import Dataset

        content = 'an object with question and std_ans a line'
        file = need_local(f'{path.rstrip("/")}/{name}.jsonl', 'PJExamDataset', content)
        return Dataset.from_list([_with_points(row) for row in read_jsonl(file, FIELDS)])


@ICL_EVALUATORS.addition
class PJExamEvaluator(BaseEvaluator):
    """Percentage of the points of a paper; a question gives all or none of its points."""

    def score(self, predictions: list[str], references: list[dict | str]) -> dict:
        """`score` in percent. A reference is a value of `eval_infos`, or of `std_ans`: then all are worth the same."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        wanted: list[dict] = [one if isinstance(one, dict) else {'std_ans': one, 'score': 1} for one in references]
        points = sum(one['score'] for one in wanted)
        if not points:
            return {'error': 'no question is worth a point'}
        weight = 100 * len(wanted) / points
        return self.means(
            score=[
                weight * one['score'] if pjexam_answer(text) == _letters(one['std_ans']) else 0
                for text, one in zip(predictions, wanted, strict=True)
            ]
        )


def pjexam_answer(text: str) -> str:
    """The letters A to D between the last '【答案】' and '<eoa>', as the prompt wants them; '' if there are none."""
    return _letters(text.rpartition(ANSWER_MARK)[2].split(END_MARK)[0]) if ANSWER_MARK in text else ''


def _letters(text: str) -> str:
    """The letters A to D of a text, each once, in their order in the alphabet."""
    return ''.join(sorted(set(re.findall('[A-D]', text))))


def _with_points(row: dict) -> dict:
    row = row | {'std_ans': ''.join(row['std_ans'])}
    return row | {'eval_infos': {'std_ans': row['std_ans'], 'score': row.get('score', 1)}}
