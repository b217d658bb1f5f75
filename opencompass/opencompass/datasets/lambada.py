"""LAMBADA: the last word of a passage of a novel."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.openicl.icl_evaluator.icl_base_evaluator import percent, unusable
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.text_postprocessors import general_postprocess

from ._read import CorruptFile
from .base import BaseDataset
from .huggingface import load_columns

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class lambadaDataset(BaseDataset):
    """Passages (`test`): `text`, `prompt` (all before the last blank) and `label` (the last word)."""

    @staticmethod
    def load(**kwargs: Any) -> DatasetDict:
        """As HFDataset; `path` is `craffel/openai_lambada`."""
        from datasets import DatasetDict

        def parted(row: dict, index: int) -> dict:
            prompt, blank, word = row['text'].strip().rpartition(' ')
            if not blank:
                raise CorruptFile(f'{kwargs["path"]} test row {index + 1}: expected two words or more, found {word!r}')
            return {'prompt': prompt, 'label': word}

        rows = load_columns(['text'], **kwargs | {'split': 'test'})
        return DatasetDict({'test': rows.map(parted, with_indices=True)})


@ICL_EVALUATORS.register_module()
class LambadaEvaluator(BaseEvaluator):
    """Share of predictions that begin with the word.

    The first word ends at a blank or an English punctuation mark. Both sides are cleaned by `general_postprocess`, so
    that all articles are equal; published scores are counted so.
    """

    def score(self, predictions: list[str], references: list[str]) -> dict:
        """`accuracy` in percent."""
        reason = unusable(predictions, references)
        if reason:
            return {'error': reason}
        return self.means(
            accuracy=[
                percent(general_postprocess(_first_word(prediction)) == general_postprocess(word))
                for prediction, word in zip(predictions, references, strict=True)
            ]
        )


def _first_word(text: str) -> str:
    """What stands before the first blank or punctuation mark: '' where the text begins with a mark."""
    return re.split(rf'[\s{re.escape(string.punctuation)}]', text.strip(), maxsplit=1)[0]
