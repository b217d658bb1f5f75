"""ARC: science questions of school exams."""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._choices import columns_of
from ._rows import LinesDataset

CHOICES = ['textA', 'textB', 'textC', 'textD']


@LOAD_DATASET.register_module()
class ARCDataset(LinesDataset):
    """Questions with four choices; the few with three or five are left out.

    `answerKey` is as published: 1 to 4 where an exam numbers its choices, which no answer by letter equals.
    """

    expects = 'question (stem, choices > text) and answerKey'
    columns = ['question', 'answerKey', *CHOICES]
    errors = 'ignore'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        question = line['question']
        choices = [choice['text'] for choice in question['choices']]
        if len(choices) != len(CHOICES):
            return []
        return [{'question': question['stem'], 'answerKey': line['answerKey']} | columns_of(choices, CHOICES)]
