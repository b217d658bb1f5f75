"""The prompt of one item: its examples in, and dropped from the end until it fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..utils.prompt import PromptList
    from .icl_prompt_template import PromptTemplate
    from .icl_retriever import BaseRetriever

    Prompt = str | PromptList


#: Choices of examples that stay built: what rows share, and what one row tries where not all fit.
KEPT = 64


class Built(NamedTuple):
    """A prompt, and which examples are in it."""

    prompt: Prompt
    ice_ids: list[int]


@dataclass(frozen=True)
class PromptBuilder:
    """Builds the prompts of a data set for a model.

    `max_seq_len`: most tokens a prompt may have; None leaves every prompt whole. A prompt that is too long without any
    example is left to the model, which truncates it. `on_drop` is told (examples, tokens) each time the last example of
    a prompt is dropped.
    """

    retriever: BaseRetriever
    ice_template: PromptTemplate | None
    prompt_template: PromptTemplate | None
    model: Any
    max_seq_len: int | None
    on_drop: Callable[[int, int], None] | None = None

    def _templates(self, ice: Prompt) -> dict[str, PromptTemplate | None]:
        """Without an example in it a prompt needs no place for one."""
        if ice:
            return {'ice_template': self.ice_template, 'prompt_template': self.prompt_template}
        return {'ice_template': None, 'prompt_template': self.prompt_template or self.ice_template}

    def for_generation(self, index: int, ice_ids: list[int], field_token: str = '') -> Built:
        """The prompt that asks for the answer of test item `index`."""

        def build(ice: Prompt) -> Prompt:
            return self.retriever.generate_prompt_for_generate_task(
                index, ice, gen_field_replace_token=field_token, **self._templates(ice)
            )

        return self._fit(ice_ids, build, 'gen')

    def for_label(self, index: int, ice_ids: list[int], label: Any, keep_separator: bool = False) -> Built:
        """The prompt that states `label` as the answer of test item `index`."""

        def build(ice: Prompt) -> Prompt:
            return self.retriever.generate_label_prompt(
                index, ice, label, remain_sep=keep_separator, **self._templates(ice)
            )

        return self._fit(ice_ids, build, 'ppl')

    def examples(self, ice_ids: list[int], mode: str | None = None) -> Prompt:
        """The examples of these numbers, joined; with a mode, 'ppl' or 'gen', as the model receives them. Rows with the
        same examples share what this gives: do not change it."""
        return self._joined(tuple(ice_ids), mode)

    @cached_property
    def _joined(self) -> Callable[[tuple[int, ...], str | None], Prompt]:
        def joined(ids: tuple[int, ...], mode: str | None) -> Prompt:
            if mode is not None:
                return self.model.parse_template(self.examples([*ids]), mode=mode)
            return self.retriever.generate_ice([*ids], ice_template=self.ice_template)

        return lru_cache(KEPT)(joined)

    def _fit(self, ice_ids: list[int], build: Callable[[Prompt], Prompt], mode: str) -> Built:
        kept = list(ice_ids)
        while True:
            ice = self.examples(kept)
            prompt = build(ice)
            if self.max_seq_len is None or not kept or (tokens := self._length(prompt, mode)) <= self.max_seq_len:
                return Built(prompt, kept)
            if self.on_drop:
                self.on_drop(len(kept), tokens)
            kept.pop()

    def _length(self, prompt: Prompt, mode: str) -> int:
        return self.model.get_token_len_from_template(prompt, mode=mode)


def without(prompt: Prompt, ice: Prompt) -> Prompt:
    """What of a prompt is not its examples.

    With no example the bare end token of the retriever is taken off its place only.
    """
    if not (isinstance(prompt, str) and isinstance(ice, str) and ice):
        return prompt
    before, _, after = prompt.partition(ice)
    return before + after
