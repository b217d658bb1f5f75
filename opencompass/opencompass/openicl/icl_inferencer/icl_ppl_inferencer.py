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
    requests."""

    prompt: Any
    testing_input: Any
    position: int
    #: Request that scores the answer after the normalizing text alone, if there is one.
    normalizing: int | None


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
        examples = [builder.examples(ids) for ids in ice_ids]
        built = [self._built(builder, index, ids, labels) for index, ids in enumerate(ice_ids)]
        requests = _Requests(self.batch_size)
        stated = {label: self._state(builder, label, [one[label] for one in built], requests) for label in labels}
        return Plan(
            requests.all,
            [self.key(self.spelled(one.prompt, 'ppl'), mask_length=one.mask_length) for one in requests.all],
            (examples, stated),
        )

    def _built(self, builder: PromptBuilder, index: int, ice_ids: list[int], labels: list) -> dict[Any, Built]:
        """The prompt of an item with each label. Examples that did not fit beside one label stay out for the labels
        that follow."""
        built = {}
        for label in labels:
            built[label] = builder.for_label(index, ice_ids, label, self.normalizing_str is not None)
            ice_ids = built[label].ice_ids
        return built

    def _state(self, builder: PromptBuilder, label: Any, items: list[Built], requests: _Requests) -> list[Stated]:
        """The requests of a label."""
        places: Sequence[tuple[int, int | None]]
        if self.normalizing_str is not None:
            pairs = [self._normalized(built.prompt, builder) for built in items]
            places = requests.add_pairs(pairs)
            prompts = [pair[0].prompt for pair in pairs]
        else:
            prompts = [built.prompt for built in items]
            places = [(place, None) for place in requests.add([Request(prompt, label=label) for prompt in prompts])]
        spelled = [self.spelled(prompt, 'ppl') for prompt in prompts]
        return [
            Stated(prompt, without(prompt, self.spelled(built.ice, 'ppl')), *place)
            for prompt, built, place in zip(spelled, items, places, strict=True)
        ]

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
        examples, stated = plan.context
        rows = []
        for index, ice in enumerate(examples):
            ppl = {label: _score(items[index], results) for label, items in stated.items()}
            labels = {
                f'label: {label}': {
                    'testing input': items[index].testing_input,
                    'prompt': items[index].prompt,
                    'PPL': ppl[label],
                }
                for label, items in stated.items()
            }
            rows.append(
                {'in-context examples': self.spelled(ice, 'ppl'), **labels, 'prediction': min(ppl, key=ppl.__getitem__)}
            )
        return rows


class _Requests:
    """A growing list in which requests that may share a batch stand together."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self.all: list[Request] = []
        self.groups = 0

    def add(self, requests: list[Request]) -> range:
        """Append a group; its positions."""
        start = len(self.all)
        self.all += [one._replace(group=self.groups) for one in requests]
        self.groups += 1
        return range(start, len(self.all))

    def add_pairs(self, pairs: list[tuple[Request, Request]]) -> list[tuple[int, int]]:
        """Append pairs, each batch of first ones before the batch of their second ones; the positions of each pair."""
        places: list[tuple[int, int]] = []
        for start in range(0, len(pairs), self.batch_size):
            batch = pairs[start : start + self.batch_size]
            places += zip(self.add([pair[0] for pair in batch]), self.add([pair[1] for pair in batch]), strict=True)
        return places


def _score(stated: Stated, results: dict[int, float]) -> float:
    """The perplexity, less that after the normalizing text where there is one."""
    return results[stated.position] - (0 if stated.normalizing is None else results[stated.normalizing])
