"""The questions of AGIEval's files."""

from __future__ import annotations

from string import ascii_uppercase
from types import NoneType
from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from .._read import Fields, read_jsonl
from ..base import BaseDataset
from .subsets import CHINESE_CHOICE, CHINESE_CLOZE, ENGLISH_CHOICE, ENGLISH_CLOZE

if TYPE_CHECKING:
    from datasets import Dataset

FIELDS = {'passage': str | None, 'question': str, 'options': list | None, 'label': str | list | None}
#: Subsets -> the prompt of their publisher, and the last letter to name where one text holds all the choices.
PROMPTS = {
    ENGLISH_CHOICE: ('Q: {question} Answer Choices: {options}\nA: Among A through {last}, the answer is', 'E'),
    CHINESE_CHOICE: ('问题：{question} 选项：{options}\n答案：从A到{last}, 我们应选择', 'D'),
    ENGLISH_CLOZE: ('Q: {question}\nA: The answer is', ''),
    CHINESE_CLOZE: ('问题：{question}\n答案：', ''),
}


class UnknownSetting(ValueError, AssertionError):
    """A setting that has no prompts here. An AssertionError, too: that is what callers know."""


@LOAD_DATASET.register_module()
class AGIEvalDataset(BaseDataset):
    """One row a question: `id`, `problem_input` (the publisher's zero-shot prompt), `label`."""

    @staticmethod
    def load(path: str, name: str, setting_name: str) -> Dataset:
        """The questions of `path`/NAME.jsonl."""
        from datasets import Dataset

        found = next((prompt for names, prompt in PROMPTS.items() if name in names), None)
        if found is None:
            known = sorted(one for names in PROMPTS for one in names)
            raise ValueError(f'AGIEvalDataset has a prompt for the subsets {", ".join(known)}, not for {name!r}')
        choices = {'options': list} if name in ENGLISH_CHOICE + CHINESE_CHOICE else {}
        rows = _rows(path, name, setting_name, FIELDS | choices)
        return Dataset.from_list(
            [
                {'id': number, 'problem_input': _prompt(row, *found), 'label': label}
                for number, (row, label) in enumerate(zip(rows, _labels(rows), strict=True))
            ]
        )


@LOAD_DATASET.register_module()
class AGIEvalDataset_v2(BaseDataset):
    """One row a question: `question` (after its passage), `options` (a line each), `label`."""

    @staticmethod
    def load(path: str, name: str, setting_name: str) -> Dataset:
        """The questions of `path`/NAME.jsonl."""
        from datasets import Dataset

        rows = _rows(path, name, setting_name, FIELDS)
        return Dataset.from_list(
            [
                {
                    'question': (row['passage'] or '') + row['question'],
                    'options': '\n'.join(row['options'] or []),
                    'label': label,
                }
                for row, label in zip(rows, _labels(rows), strict=True)
            ]
        )


def _rows(path: str, name: str, setting_name: str, fields: Fields) -> list[dict]:
    if setting_name != 'zero-shot':
        raise UnknownSetting(f"AGIEval is asked with setting_name='zero-shot' here, not {setting_name!r}")
    file = need_local(f'{path.rstrip("/")}/{name}.jsonl', 'AGIEval', 'one question with options and label a line')
    return list(read_jsonl(file, fields))


def _prompt(row: dict, template: str, last_of_one: str) -> str:
    options = row['options'] or []
    last = last_of_one if len(options) == 1 else ascii_uppercase[len(options) - 1]
    fields = {'question': row['question'], 'options': ' '.join(options), 'last': last}
    return (row['passage'] or '') + template.format_map(fields)


def _labels(rows: list[dict]) -> list[Any]:
    """The right letter, the list of right letters, or the answer of a question without choices. Where some questions
    of a subset have one right letter and some a list, lists become texts such as 'AC': a column has one type."""
    labels = [row['label'] or row.get('answer') for row in rows]
    if {type(label) for label in labels} - {NoneType} == {str, list}:
        return [''.join(label) if isinstance(label, list) else label for label in labels]
    return labels
