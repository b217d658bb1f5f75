"""MBPP: short Python programs to write, with the assertions that they have to pass."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import percent, unusable
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.code_runner import Limits, run_programs
from opencompass.utils.paths import need_local

from ._read import CorruptFile, read_jsonl
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

#: Rows of the file that are examples, and questions; what follows is left out.
TRAIN, TEST = slice(0, 10), slice(10, 510)
LIMITS = Limits(seconds=2)


class TimeOutException(Exception):
    """For those who import it: a program that takes too long is counted as `timeout`, and nothing raises this."""


class UnequalLengths(ValueError, AssertionError):
    """As many predictions as references are needed. An AssertionError, too: that is what callers know."""


@LOAD_DATASET.register_module()
class MBPPDataset(BaseDataset):
    """Ten examples (`train`) and the questions (`test`).

    Of the assertions `test_case` is the list, `test_list` and `test_list_2` are the text with a line each.
    """

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The rows of the file with one JSON object a line."""
        from datasets import Dataset, DatasetDict

        file = need_local(path, 'MBPPDataset', 'a JSON object with text, code and test_list a line')
        rows = [_with_tests(row) for row in read_jsonl(file, {'text': str, 'test_list': list})]
        if len(rows) <= TEST.start:
            raise CorruptFile(
                f'{file} line {len(rows)}: expected {TRAIN.stop} examples and a question at least, found the end'
            )
        return DatasetDict({'train': Dataset.from_list(rows[TRAIN]), 'test': Dataset.from_list(rows[TEST])})


def _with_tests(row: dict) -> dict:
    tests = '\n'.join(row['test_list'])
    return row | {'test_list': tests, 'test_case': row['test_list'], 'test_list_2': tests}


@ICL_EVALUATORS.register_module()
class MBPPEvaluator(BaseEvaluator):
    """Percentage of programs that pass their assertions within 2 seconds.

    OpenCompass 0.1 ran a program inside a function: its functions did not see each other, nor what it imported, and
    recursion failed. Here it runs as a module, so that scores are higher than published ones of that version.
    """

    def score(self, predictions: list[str], references: list[str]) -> dict:
        """`score` in percent, and the numbers of programs by how they end: `pass`, `timeout`, `failed` (also to be
        read) and `wrong_answer`."""
        reason = unusable(predictions, references)
        if reason and predictions:
            raise UnequalLengths(f'MBPP: {reason}: {len(predictions)} and {len(references)}')
        if reason:
            return {'error': reason}
        programs = [[mbpp_program(text), tests] for text, tests in zip(predictions, references, strict=True)]
        outcomes = run_programs(programs, LIMITS)
        counts = Counter(outcomes)
        score = self.means(score=[percent(outcome == 'pass') for outcome in outcomes])
        return {name: counts[name] for name in ('pass', 'timeout', 'failed', 'wrong_answer')} | score


def mbpp_program(text: str) -> str:
    """The program in an answer: up to [DONE], after [BEGIN], without the quotes that the examples put around it.

    Either mark may lack its brackets. A fence, '```', is no mark: published scores are counted so.
    """
    parts = (part for part in re.split(r'\[?DONE\]?', text) if part.strip())
    program = re.split(r'\[?BEGIN\]?', next(parts, ''), maxsplit=1)[-1].strip()
    if len(program) > 1 and program.startswith("'") and program.endswith("'"):
        return program[1:-1]
    first, last = program.split('\n')[0], program.split('\n')[-1]
    if first.startswith("'") and first.count("'") % 2:
        return program[1:]
    return program[:-1] if last.endswith("'") and last.count("'") % 2 else program
