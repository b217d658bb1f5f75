"""Continues texts that share beginnings, greedily: the beginnings are forwarded once, and all texts of a step grow side
by side in the row in which they were read. One that is finished leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._trie_model import Outputs, Seen, TrieModel, new_cache, tensor
from ._trie_plan import Ids, Size, Step, plan
from ._trie_scoring import forward, sparing_memory

if TYPE_CHECKING:
    pass

#: New tokens that are reckoned for each text of a row: it may get more, but seldom does.
NEW_TOKENS = 128
#: A row holds fewer texts than so many: prompts have tokens, too.
SIDE_BY_SIDE = 32
#: Columns of finished texts are dropped when they are this part of the row.
DEAD = 0.5


class Prompt(NamedTuple):
    """A text to go on with, by at most `room` tokens."""

    ids: Ids
    room: int


def decode(
    model: TrieModel, prompts: Sequence[Prompt], is_end: Callable[[int, list[int]], bool], done: set[int]
) -> Iterator[tuple[int, list[int]]]:
    """(position, new tokens) of each prompt that is not done. `is_end` tells, given the position of a prompt and its
    new tokens, whether these are a whole answer."""
    return sparing_memory(model, lambda answered: _answers(model, prompts, is_end, answered), done)


def _answers(
    model: TrieModel, prompts: Sequence[Prompt], is_end: Callable[[int, list[int]], bool], done: set[int]
) -> Iterator[tuple[int, list[int]]]:
    import torch

    def is_whole(position: int, new: list[int]) -> bool:
        return len(new) >= prompts[position].room or is_end(position, new)

    cache = new_cache()
    for step in plan([prompt.ids for prompt in prompts], _size(model, prompts)):
        if not step.keep and done.issuperset(text for text, _ in step.paths):
            continue
        with torch.inference_mode():
            outputs = forward(model, step, cache)
        if step.keep:
            continue
        row = _Row(model, step, cache, is_whole)
        with torch.inference_mode():
            finished = row.grow(outputs)
        yield from finished
        while row.live:
            with torch.inference_mode():
                finished = row.advance()
            yield from finished


def _size(model: TrieModel, prompts: Sequence[Prompt]) -> Size:
    """Of a row: more texts would keep a processor busier, but each token looks at the columns of all."""
    growth = min(max((prompt.room for prompt in prompts), default=1), NEW_TOKENS)
    most = 2 * model.size.most
    return Size(min(max(SIDE_BY_SIDE * growth, model.size.enough), most), most, growth)


class _Text:
    """A text that grows: its position, its number of tokens, and the new ones."""

    def __init__(self, position: int, length: int) -> None:
        self.position, self.length = position, length
        self.new: list[int] = []


class _Row:
    """The texts of a step, and which columns of the cache each of them sees. `is_whole` tells of a position and its new
    tokens whether they need no more."""

    def __init__(self, model: TrieModel, step: Step, cache: Any, is_whole: Callable[[int, list[int]], bool]) -> None:
        import torch

        self.model, self.cache, self.cached, self.is_whole = model, cache, step.cached, is_whole
        self.live = [_Text(position, step.start + len(path)) for position, path in step.paths]
        device = model.model.device
        self.columns = torch.zeros(len(self.live), step.cached + len(step.tokens), dtype=torch.bool, device=device)
        self.columns[:, : step.start] = True
        for number, (_, path) in enumerate(step.paths):
            self.columns[number, step.cached + tensor(path).to(device)] = True
        depths = np.concatenate([np.arange(step.cached), step.depths])
        self.depths = torch.as_tensor(depths, device=device)
        self.ends = tensor([int(path[-1]) for _, path in step.paths])

    def grow(self, outputs: Outputs) -> list[tuple[int, list[int]]]:
        """Give each text its likeliest next token; (position, new tokens) of those that this finished."""
        likeliest: list[int] = []
        for places in self.ends.split(outputs.at_once):
            likeliest += outputs.logits(places).float().argmax(-1).tolist()
        finished, alive = [], []
        for number, (text, token) in enumerate(zip(self.live, likeliest, strict=True)):
            text.new.append(token)
            if self.is_whole(text.position, text.new):
                finished.append((text.position, text.new))
            else:
                alive.append(number)
        if finished:
            self._drop_all_but(alive)
        return finished

    def advance(self) -> list[tuple[int, list[int]]]:
        """Forward the newest token of each text, and find the next ones."""
        import torch

        count, device = len(self.live), self.columns.device
        depths = np.array([text.length + len(text.new) - 1 for text in self.live])
        own = torch.as_tensor(depths, device=device)
        self.columns = torch.cat([self.columns, torch.eye(count, dtype=torch.bool, device=device)], 1)
        self.depths = torch.cat([self.depths, own])
        tokens = np.array([text.new[-1] for text in self.live])
        outputs = self.model.forward(tokens, depths, Seen(self.columns, own, self.depths), self.cache)
        self.ends = tensor(range(count))
        return self.grow(outputs)

    def _drop_all_but(self, alive: list[int]) -> None:
        """Go on with some of the texts; the columns of the others go when they are too many."""
        self.live = [self.live[number] for number in alive]
        self.columns = self.columns[tensor(alive).to(self.columns.device)]
        used = self.columns.any(0)
        used[: self.cached] = True
        kept = used.nonzero()[:, 0]
        if self.live and len(kept) < (1 - DEAD) * len(used):
            for layer in self.cache.layers:
                layer.keep(kept)
            self.columns, self.depths = self.columns[:, kept], self.depths[kept]
