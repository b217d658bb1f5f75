"""Answers by ranking: the label whose prompt the model finds least surprising."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...registry import ICL_INFERENCERS
from ...utils.requests import Request
from .._prompts import without
from .icl_base_inferencer import BaseInferencer, Plan

if TYPE_CHECKING:
    from .._prompts import Built, PromptBuilder
    from ..icl_prompt_template import PromptTemplate
    from ..icl_retriever import BaseRetriever


class Stated(NamedTuple):
    """One item with one label stated: its prompt as the model receives it, what of that is not examples, and its
    requests with their keys. Of two requests the second scores the answer after the normalizing text alone."""

    prompt: Any
    testing_input: Any
    requests: Sequence[Request]
    keys: Sequence[str]


class Item(NamedTuple):
    """One item: its examples as the model receives them, and what it is with each label."""

    examples: Any
    stated: dict[Any, Stated]


@ICL_INFERENCERS.register_module()
class PPLInferencer(BaseInferencer):
    """Scores each label's prompt; the lowest perplexity wins, of equal ones the first.

    Args:
        labels: labels to try; the keys of the template (in their order) by default.
    """

    mode = 'ppl'

    def __init__(self, model: Any, *args: Any, labels: list | None = None, **kwargs: Any) -> None:
        super().__init__(model, *args, **kwargs)
        self.labels = labels
        self.normalizing_str: str | None = None

    def inference(
        self,
        retriever: BaseRetriever,
        ice_template: PromptTemplate | None = None,
        prompt_template: PromptTemplate | None = None,
        output_json_filepath: str | None = None,
        output_json_filename: str | None = None,
        normalizing_str: str | None = None,
    ) -> list:
        """As in the base class. With `normalizing_str` the score is that of the answer after its question minus that of
        the answer after this text; the template's `sep_token` says where the answer begins."""
        self.normalizing_str = normalizing_str
        return super().inference(retriever, ice_template, prompt_template, output_json_filepath, output_json_filename)

    def plan(self, builder: PromptBuilder, ice_ids: list[list[int]]) -> Plan:
        labels = self.labels
        if labels is None:
            labels = builder.retriever.get_labels(
                ice_template=builder.ice_template, prompt_template=builder.prompt_template
            )
        if not labels:
            raise ValueError('no labels to rank: give `labels` to the PPLInferencer, or a template keyed by label')
        items = [self._item(builder, index, ids, labels) for index, ids in enumerate(ice_ids)]
        requests = _Requests(None if self.normalizing_str is None else self.batch_size)
        places = {label: requests.add([item.stated[label] for item in items]) for label in labels}
        return Plan(requests.all, requests.keys, (items, places))

    def _item(self, builder: PromptBuilder, index: int, ice_ids: list[int], labels: list) -> Item:
        """Examples that did not fit beside one label stay out for the labels that follow."""
        item = Item(builder.examples(ice_ids, 'ppl'), {})
        for label in labels:
            built = builder.for_label(index, ice_ids, label, self.normalizing_str is not None)
            item.stated[label] = self._stated(builder, built, label)
            ice_ids = built.ice_ids
        return item

    def _stated(self, builder: PromptBuilder, built: Built, label: Any) -> Stated:
        requests: Sequence[Request] = [Request(built.prompt, label=label)]
        if self.normalizing_str is not None:
            requests = self._normalized(built.prompt, builder)
        spelled = [self.spelled(one.prompt, 'ppl') for one in requests]
        keys = [self.key(text, mask_length=one.mask_length) for text, one in zip(spelled, requests, strict=True)]
        return Stated(spelled[0], without(spelled[0], builder.examples(built.ice_ids, 'ppl')), requests, keys)

    def _normalized(self, prompt: Any, builder: PromptBuilder) -> tuple[Request, Request]:
        """The answer after its question, and after the normalizing text."""
        separator = getattr(builder.prompt_template or builder.ice_template, 'sep_token', None)
        if not isinstance(prompt, str) or not separator or separator not in prompt:
            raise AssertionError('normalizing_str needs a text template with sep_token where the answer begins')
        question, answer = prompt.split(separator, 1)
        answer = answer.replace(separator, '')
        length, before = self.model.get_token_len_from_template, str(self.normalizing_str)
        return (
            Request(question + answer, mask_length=length(question, mode='ppl')),
            Request(before + answer, mask_length=length(before, mode='ppl')),
        )

    def stream(self, requests: Sequence[Request], done: set[int]) -> Iterator[tuple[int, float]]:
        return self.ask('score', 'score', requests, self.batch_size, done)

    def records(self, plan: Plan, results: dict[int, float]) -> list[dict]:
        items, places = plan.context
        rows = []
        for index, item in enumerate(items):
            ppl = {label: _score(places[label][index], results) for label in item.stated}
            labels = {
                f'label: {label}': {'testing input': one.testing_input, 'prompt': one.prompt, 'PPL': ppl[label]}
                for label, one in item.stated.items()
            }
            rows.append({'in-context examples': item.examples, **labels, 'prediction': min(ppl, key=ppl.__getitem__)})
        return rows


class _Requests:
    """A growing list in which requests that may share a batch stand together.

    Args:
        size: of two requests an item, so many first ones stand before their second ones; None: one an item.
    """

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.all: list[Request] = []
        self.keys: list[str] = []
        self.groups = 0

    def add(self, stated: list[Stated]) -> list[tuple[int, ...]]:
        """Append the requests of items; the positions of each item's."""
        places: list[tuple[int, ...]] = []
        size = self.size or max(len(stated), 1)
        for start in range(0, len(stated), size):
            part = stated[start : start + size]
            places += zip(*(self._group(part, which) for which in range(len(part[0].requests))), strict=True)
        return places

    def _group(self, stated: list[Stated], which: int) -> range:
        start = len(self.all)
        self.all += [one.requests[which]._replace(group=self.groups) for one in stated]
        self.keys += [one.keys[which] for one in stated]
        self.groups += 1
        return range(start, len(self.all))


def _score(places: tuple[int, ...], results: dict[int, float]) -> float:
    """The perplexity, less that after the normalizing text where there is one."""
    first, *normalizing = places
    return results[first] - sum(results[one] for one in normalizing)
