"""GAOKAO-Bench: questions of the Chinese university entrance exam."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.logging import get_logger
from opencompass.utils.paths import need_local

from ._read import CorruptFile, read_json_rows
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset

ANSWER_MARK = '【答案】'
#: Where an explanation follows the answer.
EXPLANATION_MARK = '【解析】'
#: Without a mark in the text its end is read for several letters.
END = 10
CHOICES = ('single_choice', 'multi_choice', 'multi_question_choice', 'five_out_of_seven')
NOT_SCORED = ('cloze', 'subjective', 'correction')


@LOAD_DATASET.register_module()
class GaokaoBenchDataset(BaseDataset):
    """One row a question, with the columns that the first one has; `answer` is a text, or a list of letters."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The examples of the JSON file."""
        from datasets import Dataset

        file = need_local(path, 'GaokaoBenchDataset', "a JSON object with the questions as a list 'example'")
        rows = read_json_rows(file, 'example', {'question': str, 'answer': str | list})
        for number, row in enumerate(rows):
            first, answer = rows[0]['answer'], row['answer']
            if type(answer) is not type(first):
                raise CorruptFile(f'{file} example {number}: expected an answer such as {first!r}, found {answer!r}')
        return Dataset.from_list(rows)


class GaokaoBenchEvaluator(BaseEvaluator):
    """Points for the letters of choices, in percent of all points. Other questions are not scored: they get 0.

    Args:
        question_type: one of `CHOICES` or `NOT_SCORED`. Where several letters are right ('multi_choice'), a selection
            of them gets half the points.
    """

    def __init__(self, question_type: str) -> None:
        if question_type not in CHOICES + NOT_SCORED:
            known = ', '.join(CHOICES + NOT_SCORED)
            raise ValueError(f'GaokaoBenchEvaluator knows the question types {known}, not {question_type!r}')
        self.question_type = question_type

    def score(self, predictions: list[str], references: list[list[str] | str]) -> dict:
        """`score` in percent. Predictions or references that are too many do not count."""
        if self.question_type in NOT_SCORED:
            get_logger().warning(f'GAOKAO-Bench: questions of the type {self.question_type} are not scored, they get 0')
            return {'score': 0}
        # Published scores of unfinished runs are those of the questions that have an answer.
        pairs = list(zip(predictions, references, strict=False))
        parts = sum(len(answers) for _, answers in pairs)
        if not parts:
            return {'error': 'there are no predictions to score, or no reference has a letter'}
        # A question with more parts weighs more.
        weight = 100 * len(pairs) / parts
        return self.means(score=[weight * sum(self._points(*pair)) for pair in pairs])

    def _points(self, prediction: str, answers: list[str] | str) -> Iterator[float]:
        """For each part of a question 0 to 1; none where the answer has not as many letters, or groups of them."""
        given = self.do_predictions_postprocess(prediction, len(answers))
        for one, right in zip(given, answers, strict=True) if len(given) == len(answers) else ():
            if set(one) == set(right):
                yield 1
            elif self.question_type == 'multi_choice' and set(one) < set(right):
                yield 0.5

    def do_predictions_postprocess(self, model_output: str, answer_lenth: int | None = None) -> list[str]:
        """What is given as the answer to each part: a letter, or in 'multi_choice' all letters together.

        Args:
            model_output: the generated text.
            answer_lenth: the number of parts, for 'multi_question_choice'.
        """
        if self.question_type in NOT_SCORED:
            raise ValueError(f'questions of the type {self.question_type} are not scored: no answer is taken')
        if self.question_type == 'multi_question_choice' and answer_lenth is None:
            raise TypeError("to take the answers of 'multi_question_choice' the number of questions is needed")
        return READERS[self.question_type](model_output, answer_lenth)


def _last_letter(text: str, parts: int | None) -> list[str]:
    return re.findall('[A-D]', text)[-1:]


def _letters_together(text: str, parts: int | None) -> list[str]:
    """All letters between the first mark and an explanation, one such as 'AC'. A mark right at the start is none, and
    without a mark the last signs are read: published scores are counted so."""
    text = re.sub(r'\s', '', text)
    begin = text.find(ANSWER_MARK)
    text = text[begin:].split(EXPLANATION_MARK)[0] if begin > 0 else text[-END:]
    return [letters] if (letters := ''.join(re.findall('[A-D]', text))) else []


def _letter_a_question(text: str, parts: int | None) -> list[str]:
    """The letters behind marks where each question has one, else the first letters of the text."""
    marked = re.findall(rf'{ANSWER_MARK}\s*[:：]*\s*([A-Z])', text)
    return marked if len(marked) == parts else re.findall('[A-Z]', text)[:parts]


def _five_letters(text: str, parts: int | None) -> list[str]:
    return re.findall('[A-G]', text)[:5]


READERS: dict[str, Callable[[str, int | None], list[str]]] = dict(
    zip(CHOICES, (_last_letter, _letters_together, _letter_a_question, _five_letters), strict=True)
)


def _for(question_type: str) -> Callable[[], GaokaoBenchEvaluator]:
    """What configs name as GaokaoBenchEvaluator_TYPE."""
    return lambda: GaokaoBenchEvaluator(question_type)


for _type in CHOICES + NOT_SCORED:
    ICL_EVALUATORS.register_module(name=f'GaokaoBenchEvaluator_{_type}', module=_for(_type))
