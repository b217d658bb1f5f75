"""Which examples a test row gets, and the prompts made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...utils.prompt import PromptError, PromptList
from ..icl_prompt_template import PromptTemplate

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset

Chosen = TypeVar('Chosen')

#: Test rows that are read together.
BLOCK = 100


class BaseRetriever:
    """Chooses in-context examples from a dataset's `train` rows. A subclass writes `retrieve`.

    Args:
        dataset: an instance of a dataset class.
        ice_separator: the text between examples.
        ice_eos_token: the text after the last one.
        ice_num: how many a row gets.
    """

    def __init__(
        self, dataset: BaseDataset, ice_separator: str | None = '\n', ice_eos_token: str | None = '\n', ice_num: int = 1
    ) -> None:
        self.ice_separator, self.ice_eos_token = ice_separator or '', ice_eos_token or ''
        self.ice_num = ice_num
        self.dataset_reader = dataset.reader
        self.index_ds, self.test_ds = dataset.train, dataset.test

    def retrieve(self, *args: Any, **kwargs: Any) -> list[list[int]]:
        """For each test row the numbers of its examples in `train`."""
        raise NotImplementedError(f'{type(self).__name__} needs a method retrieve()')

    def drawn(self, seed: int, draw: Callable[[np.random.RandomState], Chosen]) -> list[Chosen]:
        """What `draw` gives for each test row.

        Draws go through the whole split in its order, so that a row has the same in every part that the data is cut
        into.
        """
        numbers, state = self.dataset_reader.test_numbers, np.random.RandomState(seed)
        results = [draw(state) for _ in range(max(numbers, default=-1) + 1)]
        return [results[number] for number in numbers]

    def get_labels(
        self, ice_template: PromptTemplate | None = None, prompt_template: PromptTemplate | None = None
    ) -> list[Any]:
        """The labels that the template in use tells apart, in its order; else the answers in the test rows, sorted."""
        template = prompt_template or ice_template
        if template is not None and template.labels is not None and (prompt_template or template.ice_token):
            return template.labels
        return sorted(set(self.test_ds[self.dataset_reader.output_column]), key=str)

    def generate_ice(self, idx_list: list[int], ice_template: PromptTemplate | None = None) -> str | PromptList:
        """The examples of these numbers, in this order, as one text or chat.

        Examples by a chat template have no separators. Those by a chat for each label have: published few-shot prompts
        hold them.
        """
        is_chat = ice_template is not None and ice_template.prompt_type == 'meta'
        separator, end = ('', '') if is_chat else (self.ice_separator, self.ice_eos_token)
        examples = self._examples(idx_list, ice_template)
        texts = [example for example in examples if isinstance(example, str)]
        if len(texts) == len(examples):
            return separator.join(texts) + end
        chat = PromptList()
        for example in examples:
            chat += example
            chat += separator
        chat.append(end)  # even an empty one: records of prompts show it
        return chat

    def _examples(self, idx_list: list[int], ice_template: PromptTemplate | None) -> list[str | PromptList]:
        if not idx_list:
            return []
        if ice_template is None:
            raise PromptError(f'the examples {idx_list} need an ice_template, the config has none')
        rows = [self.index_ds[number] for number in idx_list]
        return [ice_template.generate_ice_item(row, row[self.dataset_reader.output_column]) for row in rows]

    def _test_row(self, idx: int) -> dict:
        return self._block(idx // BLOCK)[idx % BLOCK]

    @cached_property
    def _block(self) -> Callable[[int], list[dict]]:
        """Reads test rows, many at once: to the library one is as much work. The last block is kept."""

        def read(number: int) -> list[dict]:
            columns = self.test_ds[number * BLOCK : (number + 1) * BLOCK]
            return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

        return lru_cache(1)(read)

    def generate_label_prompt(
        self,
        idx: int,
        ice: str | PromptList,
        label: Any,
        ice_template: PromptTemplate | None = None,
        prompt_template: PromptTemplate | None = None,
        remain_sep: bool | None = False,
    ) -> str | PromptList:
        """The prompt of a test row answered with this label; `remain_sep` keeps the separator of context and answer."""
        template = _template(ice_template, prompt_template)
        return template.generate_label_prompt_item(self._test_row(idx), ice, label, remain_sep)

    def generate_prompt_for_generate_task(
        self,
        idx: int,
        ice: str | PromptList,
        gen_field_replace_token: str = '',
        ice_template: PromptTemplate | None = None,
        prompt_template: PromptTemplate | None = None,
    ) -> str | PromptList:
        """The prompt of a test row, with the token (or nothing) where its answer would be."""
        return _template(ice_template, prompt_template).generate_item(
            self._test_row(idx),
            output_field=self.dataset_reader.output_column,
            output_field_replace_token=gen_field_replace_token,
            ice_field_replace_token=ice,
        )


def _template(ice_template: PromptTemplate | None, prompt_template: PromptTemplate | None) -> PromptTemplate:
    """The prompt template, else the examples' own.

    Either needs a place for the examples if there can be any.
    """
    template = prompt_template or ice_template
    if template is None:
        raise NotImplementedError('a prompt needs a prompt_template or an ice_template, the config has neither')
    if ice_template is not None and not template.ice_token:
        raise NotImplementedError(
            f'no place for the examples in {template!r}: put a marker such as "</E>" into its '
            'text and name it, ice_token="</E>"'
        )
    return template
