"""BIG-Bench Hard: 27 tasks with a letter or a short text as the answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import percent, unusable
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after, first_line, first_match
from opencompass.utils.paths import need_local

from ._read import read_json_rows
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset

ANSWER_MARK = 'answer is '
#: In a prompt as Python writes it, between the instruction and the question.
NO_EXAMPLES = r'\nNone\n\nQ: '


@LOAD_DATASET.register_module()
class BBHDataset(BaseDataset):
    """One row an example: `input` and `target`."""

    @staticmethod
    def load(path: str, name: str) -> Dataset:
        """The examples of `path`/NAME.json."""
        from datasets import Dataset

        file = need_local(f'{path.rstrip("/")}/{name}.json', 'BBHDataset', 'a JSON object with a list of examples')
        return Dataset.from_list(read_json_rows(file, 'examples', {'input': str, 'target': str}))

    def check(self, dataset_cfg: Mapping[str, Any]) -> None:
        """The worked examples of the prompt are in a file that is read with the config, which has None without it."""
        if NO_EXAMPLES not in repr(dataset_cfg['infer_cfg']):
            return
        examples = f'{Path(dataset_cfg["path"]).parent}/lib_prompt/{dataset_cfg["name"]}.txt'
        need_local(f'./{examples}', 'BBHDataset', 'the worked examples of the prompt')
        raise ValueError(f'the config was read without ./{examples}, which is there now: start the run anew')


@TEXT_POSTPROCESSORS.register_module('bbh-mcq')
def bbh_mcq_postprocess(text: str) -> str:
    """The first capital letter after a bracket in the answer, else its first capital, else the answer as it is."""
    answer = _answer(text)
    return first_match(r'\(([A-Z])', answer) or first_match('[A-Z]', answer) or answer


@TEXT_POSTPROCESSORS.register_module('bbh-freeform')
def bbh_freeform_postprocess(text: str) -> str:
    """The first line of the answer without one full stop at its end; blanks before that full stop stay."""
    return first_line(_answer(text)).removesuffix('.')


def _answer(text: str) -> str:
    """What follows the first 'answer is ', up to a second one, stripped; without it the whole text, not stripped."""
    return after(text, ANSWER_MARK).strip() if ANSWER_MARK in text else text


@ICL_EVALUATORS.register_module()
class BBHEvaluator(BaseEvaluator):
    """Percentage of answers whose text, taken as `bbh_freeform_postprocess` does, is that of the target."""

    def score(self, predictions: list[str], references: list[str]) -> dict:
        """`score` in percent."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        pairs = zip(map(bbh_freeform_postprocess, predictions), references, strict=True)
        return self.means(score=[percent(answer == target) for answer, target in pairs])
