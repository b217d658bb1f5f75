"""MATH: problems of mathematics competitions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import percent, unusable
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import last_boxed
from opencompass.utils.paths import need_local

from ._read import checked, read_json
from .agieval.math_equivalence import is_equiv
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict

# Both lists work in this order. They are those of Minerva (Lewkowycz et al. 2022, arXiv:2206.14858, appendix D) without
# what needs a full stop, and with line ends and '<' added.
REPLACED = {
    'an ': '',
    'a ': '',
    r'\$': '',
    r'\ ': '',
    ' ': '',
    'mbox': 'text',
    r',\text{and}': ',',
    r'\text{and}': ',',
    r'\text{m}': r'\text{}',
    r'\le': '<',  # makes '<(' of '\left(', together with 'ft' below: published scores count such answers as wrong
}
REMOVED = (
    *('square', 'ways', 'integers', 'dollars', 'mph', 'inches', 'ft', 'hours', 'km', 'units', r'\ldots', 'sue'),
    *('points', 'feet', 'minutes', 'digits', 'cents', 'degrees', 'cm', 'gm', 'pounds', 'meters', 'meals', 'edges'),
    *('students', 'childrentickets', 'multiples', '\n', '\r', '\f', r'\text{s}', r'\text{}^2', r'\text{}^3'),
    *(r'\text{}', r'\mathrm{th}', r'^\circ', r'^{\circ}', r'\;', r',\!', '{,}', '"', r'\dots'),
)
WRAPPERS = (r'\\text\{(.*?)\}', r'\\textbf\{(.*?)\}', r'\\overline\{(.*?)\}', r'(?:\\b)?oxed\{(.*)\}')


@LOAD_DATASET.register_module()
class MATHDataset(BaseDataset):
    """One row a problem: `problem`, and as `solution` what its last box holds, None where there is none."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The problems of the JSON file, by their names there, in both `test` and `train`."""
        from datasets import Dataset, DatasetDict

        file = need_local(path, 'MATHDataset', 'a JSON object of problems with their solutions')
        rows = [
            checked(row, {'problem': str, 'solution': str}, f'{file} problem {name!r}')
            for name, row in checked(read_json(file), {}, str(file)).items()
        ]
        solved = Dataset.from_list(
            [{'problem': row['problem'], 'solution': last_boxed(row['solution'])} for row in rows]
        )
        return DatasetDict({'test': solved, 'train': solved})


@ICL_EVALUATORS.register_module()
class MATHEvaluator(BaseEvaluator):
    """Percentage of formulas that are the same answer as the solution, see `is_equiv`."""

    def score(self, predictions: list[str], references: list[str | None]) -> dict:
        """`accuracy` in percent."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        pairs = zip(predictions, references, strict=True)
        return self.means(accuracy=[percent(is_equiv(answer, solution)) for answer, solution in pairs])


@TEXT_POSTPROCESSORS.register_module('math_postprocess')
def math_postprocess(text: str) -> str:
    """The first sentence with 'final answer', else the first of all, as a formula without blanks and units.

    Every full stop ends a sentence, so that '3.5' gives '3', and a list of whole numbers becomes one number, '1,2,3'
    gives '123': published scores of MATH are counted so.
    """
    sentences = text.split('.')
    return _formula(next((one for one in sentences if 'final answer' in one.lower()), sentences[0]))


def _formula(sentence: str) -> str:
    """What stands last between dollar signs, else after 'final answer is', else all, in one spelling of LaTeX."""
    answer = _bare(sentence).rpartition('finalansweris')[2]
    *_, answer = [answer, *re.findall(r'\$(.*?)\$', answer)]
    return _joined(_braced(answer.replace('$', '').strip()))


def _bare(answer: str) -> str:
    """The answer without blanks, articles, units and the commands around a text."""
    for spelled, plain in REPLACED.items():
        answer = answer.replace(spelled, plain)
    for word in REMOVED:
        answer = answer.replace(word, '')
    for wrapper in WRAPPERS:
        answer = re.sub(wrapper, r'\1', answer)
    return answer


def _braced(answer: str) -> str:
    r"""The arguments of \frac and \sqrt in braces; 'rac{', what is left of '\frac{' once \f was a form feed, mended."""
    answer = re.sub(r'(?<!f)rac(?=[{\d])', r'\\frac', answer)
    answer = re.sub(r'frac([^{])(.)', r'frac{\1}{\2}', answer)
    return re.sub(r'sqrt([^{])', r'sqrt{\1}', answer)


def _joined(answer: str) -> str:
    """A number without its thousands separators."""
    digits = answer.replace(',', '')
    return digits if digits.isdigit() else answer
