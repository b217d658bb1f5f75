"""Answers by generation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...registry import ICL_INFERENCERS
from ...utils.extraction import before
from ...utils.logging import get_logger
from ...utils.requests import Request
from .icl_base_inferencer import BaseInferencer, Plan

if TYPE_CHECKING:
    from .._prompts import PromptBuilder
    from ..icl_prompt_template import PromptTemplate


@ICL_INFERENCERS.register_module()
class GenInferencer(BaseInferencer):
    """Continues each prompt; a record is {origin_prompt, prediction}.

    Args:
        max_out_len: most tokens of an answer; a test item with a column of this name has its own.
        stopping_criteria: texts that end an answer; what a model says from the first of them on is cut off.
        gen_field_replace_token: what stands in the prompt where the answer would.
        save_every: accepted for old configs; every answer is saved as soon as it is there.
    """

    def __init__(
        self,
        model: Any,
        max_out_len: int,
        max_seq_len: int | None = None,
        batch_size: int = 1,
        gen_field_replace_token: str = '',
        output_json_filepath: str = './icl_inference_output',
        output_json_filename: str = 'predictions',
        save_every: int | None = None,
        fix_id_list: list[int] | None = None,
        stopping_criteria: Sequence[str] = (),
        **_: Any,
    ) -> None:
        super().__init__(model, max_seq_len, batch_size, output_json_filepath, output_json_filename, fix_id_list)
        self.max_out_len = max_out_len
        self.stop = tuple(stopping_criteria)
        self.gen_field_replace_token = gen_field_replace_token

    @property
    def settings(self) -> dict[str, Any]:
        """What decides an answer besides its prompt."""
        return {'max_out_len': self.max_out_len} | ({'stopping_criteria': self.stop} if self.stop else {})

    def plan(self, builder: PromptBuilder, ice_ids: list[list[int]]) -> Plan:
        _warn_of_labels(builder.prompt_template or builder.ice_template)
        prompts = [
            builder.for_generation(index, ids, self.gen_field_replace_token).prompt for index, ids in enumerate(ice_ids)
        ]
        spelled = [self.spelled(prompt, 'gen') for prompt in prompts]
        rooms = _own_lengths(builder.retriever.test_ds, len(ice_ids))
        keys = [
            self.key(prompt, **(self.settings if room is None else {**self.settings, 'max_out_len': room}))
            for prompt, room in zip(spelled, rooms, strict=True)
        ]
        requests = [
            Request(prompt, max_out_len=room, stop=self.stop) for prompt, room in zip(prompts, rooms, strict=True)
        ]
        return Plan(requests, keys, spelled)

    def stream(self, requests: Sequence[Request], done: set[int]) -> Iterator[tuple[int, str]]:
        found = self.ask('generate_stream', 'generate', requests, self.max_out_len, self.batch_size, done)
        return ((position, before(text, self.stop)) for position, text in found)

    def records(self, plan: Plan, results: dict[int, str]) -> list[dict]:
        return [
            {'origin_prompt': prompt, 'prediction': results[position]} for position, prompt in enumerate(plan.context)
        ]


@ICL_INFERENCERS.register_module()
class GLMChoiceInferencer(GenInferencer):
    """Lets a model that can (`choice(inputs, choices)`) pick one of the choices; a record is as for generation.

    Args:
        choices: what to pick from.
    """

    def __init__(self, model: Any, *args: Any, choices: Sequence[str] = ('A', 'B', 'C', 'D'), **kwargs: Any) -> None:
        super().__init__(model, *args, **kwargs)
        self.choices = list(choices)

    @property
    def settings(self) -> dict[str, Any]:
        return {'choices': self.choices}

    def stream(self, requests: Sequence[Request], done: set[int]) -> Iterator[tuple[int, str]]:
        return self.ask('choose', 'choose', requests, self.choices, self.batch_size, done)


def _own_lengths(items: Any, count: int) -> list[int | None]:
    """`max_out_len` of each test item; None where they have no such column."""
    has_own = 'max_out_len' in (getattr(items, 'column_names', None) or ())
    return list(items['max_out_len']) if has_own else [None] * count


def _warn_of_labels(template: PromptTemplate | None) -> None:
    """Published prompts are made so, and kept."""
    if template is not None and template.labels:
        get_logger().warning(
            f'the prompt has a template for each label ({", ".join(map(str, template.labels))}); generating uses the '
            'first for every row, whose answer ends the prompt unless the model has a meta template'
        )
