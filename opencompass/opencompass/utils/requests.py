"""What an inferencer asks of a model, and the plain way to ask it: in batches.

All requests of a task are known before the first is sent, so that a model plans its batches from all of them: a sample
always sits in the same batch, whether a run was resumed or not, and floating point cannot make a resumed run differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .prompt import PromptList

    Prompt = str | PromptList


class Request(NamedTuple):
    """One prompt for a model, not yet in the model's spelling."""

    prompt: Prompt
    #: Only requests of the same group may share a batch.
    group: int = 0
    #: Number of first tokens that do not count in a perplexity; None counts all.
    mask_length: int | None = None
    #: Most tokens of an answer, where it is not what the others have, and texts after which it is complete.
    max_out_len: int | None = None
    stop: tuple[str, ...] = ()
    #: Token ids between which the next token is to be chosen.
    choices: tuple[int, ...] = ()
    #: The label that the prompt states, for a person who looks at it.
    label: Any = None


def batches(requests: Sequence[Request], size: int, done: set[int]) -> Iterator[list[int]]:
    """Positions of the requests of each batch. A batch that is done as a whole is left out; no other changes for it."""
    for _, members in groupby(range(len(requests)), key=lambda one: (requests[one].group, requests[one].max_out_len)):
        group = list(members)
        for start in range(0, len(group), size):
            batch = group[start : start + size]
            if not done.issuperset(batch):
                yield batch


def _ask(
    ask: Callable[[list[Request]], Sequence[Any]], requests: Sequence[Request], batch_size: int, done: set[int]
) -> Iterator[tuple[int, Any]]:
    for batch in batches(requests, batch_size, done):
        yield from zip(batch, ask([requests[position] for position in batch]), strict=True)


def score(model: Any, requests: Sequence[Request], batch_size: int, done: set[int]) -> Iterator[tuple[int, float]]:
    """(position, perplexity) of each request, from any model with `get_ppl_from_template`."""

    def ask(batch: list[Request]) -> Sequence[float]:
        masks = {} if batch[0].mask_length is None else {'mask_length': [one.mask_length for one in batch]}
        return [float(ppl) for ppl in model.get_ppl_from_template([one.prompt for one in batch], **masks)]

    return _ask(ask, requests, batch_size, done)


def generate(
    model: Any, requests: Sequence[Request], max_out_len: int, batch_size: int, done: set[int]
) -> Iterator[tuple[int, str]]:
    """(position, text) of each request, from any model with `generate_from_template`."""

    def ask(batch: list[Request]) -> Sequence[str]:
        room = batch[0].max_out_len or max_out_len
        return model.generate_from_template([one.prompt for one in batch], max_out_len=room)

    return _ask(ask, requests, batch_size, done)


def choose(
    model: Any, requests: Sequence[Request], choices: list[str], batch_size: int, done: set[int]
) -> Iterator[tuple[int, str]]:
    """(position, one of the choices) of each request, from any model with `choice`, which spells prompts itself."""

    def ask(batch: list[Request]) -> Sequence[str]:
        return model.choice([one.prompt for one in batch], choices=choices)

    return _ask(ask, requests, batch_size, done)


#: Stands where the answer would in a prompt whose next token is asked for, as published scores had it.
STAND_IN = 'yes'


def choice_logits(
    model: Any, requests: Sequence[Request], max_seq_len: int | None, batch_size: int, done: set[int]
) -> Iterator[tuple[int, list[float]]]:
    """(position, logit of each choice as the next token) of each request, from any model with `get_logits`."""

    def ask(batch: list[Request]) -> list[list[float]]:
        logits = model.get_logits([f'{one.prompt}{STAND_IN}' for one in batch])[0]
        places = [model.get_token_len(str(one.prompt)) - 1 for one in batch]
        if max_seq_len is not None:
            places = [min(place, max_seq_len - 2) for place in places]
        return [
            logits[row, place, list(one.choices)].tolist()
            for row, (one, place) in enumerate(zip(batch, places, strict=True))
        ]

    return _ask(ask, requests, batch_size, done)
