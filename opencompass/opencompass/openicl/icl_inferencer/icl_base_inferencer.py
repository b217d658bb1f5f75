"""What every inferencer does: build all requests, stream them through the model, keep each result at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...utils import requests as plain
from ...utils.predictions import PredictionStore, request_key
from ...utils.progress import progress
from .._prompts import PromptBuilder

if TYPE_CHECKING:
    from ...utils.requests import Request
    from ..icl_prompt_template import PromptTemplate
    from ..icl_retriever import BaseRetriever


@dataclass
class Plan:
    """All requests of a data set, and what its records need besides the results."""

    requests: list[Request]
    keys: list[str]
    context: Any


class BaseInferencer:
    """Examples -> prompts -> requests -> records. A subclass says which requests, how they are sent, and what a record
    is.

    Args:
        model: anything with the methods of `BaseModel` that the subclass needs.
        max_seq_len: examples are dropped from the end of a prompt until it has so few tokens; None drops none.
        batch_size: requests that are sent together, where the model does not plan its batches itself.
        fix_id_list: example numbers, for retrievers that take them.
        output_json_filepath, output_json_filename: folder and name of the predictions file.
    """

    #: How its prompts are spelled: 'gen' up to the answer, 'ppl' with it.
    mode = 'gen'

    def __init__(
        self,
        model: Any,
        max_seq_len: int | None = None,
        batch_size: int = 1,
        output_json_filepath: str = './icl_inference_output',
        output_json_filename: str = 'predictions',
        fix_id_list: list[int] | None = None,
        **_: Any,
    ) -> None:
        self.model = model
        self.max_seq_len = max_seq_len
        self.batch_size = batch_size
        self.fix_id_list = fix_id_list
        self.output_json_filepath = output_json_filepath
        self.output_json_filename = output_json_filename

    @property
    def settings(self) -> dict[str, Any]:
        """What decides a result besides prompt and model."""
        return {}

    @abstractmethod
    def plan(self, builder: PromptBuilder, ice_ids: list[list[int]]) -> Plan:
        """All requests, given the example numbers of each test item."""

    @abstractmethod
    def stream(self, requests: Sequence[Request], done: set[int]) -> Iterator[tuple[int, Any]]:
        """(position, result) of the requests that are not done, as they get ready."""

    @abstractmethod
    def records(self, plan: Plan, results: dict[int, Any]) -> list[dict]:
        """The record of each test item, in order; `prediction` is its answer."""

    def inference(
        self,
        retriever: BaseRetriever,
        ice_template: PromptTemplate | None = None,
        prompt_template: PromptTemplate | None = None,
        output_json_filepath: str | None = None,
        output_json_filename: str | None = None,
    ) -> list:
        """Run a data set, write the predictions file and return the predictions. Results that an earlier start left are
        used."""
        builder = PromptBuilder(retriever, ice_template, prompt_template, self.model, self.max_seq_len)
        plan = self.plan(builder, self.examples(retriever))
        final = Path(output_json_filepath or self.output_json_filepath) / (
            output_json_filename or self.output_json_filename
        )
        with PredictionStore(final, plan.keys) as store:
            with progress(len(plan.requests), len(store.results), final.stem) as advance:
                for position, result in self.stream(plan.requests, set(store.results)):
                    if position not in store.results:
                        store.append(position, result)
                        advance()
            records = self.records(plan, store.results)
            store.finish({str(number): record for number, record in enumerate(records)})
        return [record['prediction'] for record in records]

    def examples(self, retriever: BaseRetriever) -> list[list[int]]:
        """Example numbers of each test item; those of `fix_id_list` go to retrievers that take them, others choose
        themselves."""
        retrieve: Callable[..., list[list[int]]] = retriever.retrieve
        return retrieve(self.fix_id_list) if self.fix_id_list and signature(retrieve).parameters else retrieve()

    def spelled(self, prompt: Any, mode: str) -> Any:
        """A prompt as the model receives it."""
        return self.model.parse_template(prompt, mode=mode)

    def key(self, prompt: Any, **settings: Any) -> str:
        """What makes a stored result valid for a request: the prompt, the model and the settings."""
        fingerprint = getattr(self.model, 'fingerprint', dict)
        return request_key(prompt, kind=type(self).__name__, model=fingerprint(), **settings)

    def ask(self, method: str, fallback: str, *args: Any) -> Iterator[tuple[int, Any]]:
        """The model's own stream where it has one, else the plain one in batches."""
        own = getattr(self.model, method, None)
        return (own or partial(getattr(plain, fallback), self.model))(*args)
