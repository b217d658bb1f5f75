"""In which steps texts that share beginnings are forwarded, each token of their prefix tree once. Pure Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

#: A beginning this much longer than what is cached is worth a step of its own.
WORTH_CACHING = 16

Ids = Sequence[int]


class Step(NamedTuple):
    """Forward `tokens` after the first `start` cached ones.

    `parents[n]` is the place in `tokens` that token n follows, -1 for the last cached one (none where `start` is 0).
    `ends` are (text, place of its last token). A step that is kept is a chain, and stays in the cache.
    """

    start: int
    tokens: list[int]
    parents: list[int]
    ends: list[tuple[int, int]]
    keep: bool


def plan(texts: Sequence[Ids], budget: int) -> list[Step]:
    """The steps that score all texts. A step holds at most `budget` tokens (two or more), or one text's own.

    Each step but those that start at 0 begins with a token that was forwarded before: its logits are needed again. That
    is all that is ever forwarded twice, but for texts that share a beginning across the border of two steps.
    """
    order = sorted((number for number, text in enumerate(texts) if text), key=lambda number: list(texts[number]))
    return list(_Planner([texts[number] for number in order], order, max(budget, 2)).steps())


class _Planner:
    """Sorted texts, and how many tokens each shares with the one before."""

    def __init__(self, texts: list[Ids], numbers: list[int], budget: int) -> None:
        self.texts, self.numbers, self.budget = texts, numbers, budget
        self.shared = [0, *(common(one, other) for one, other in pairwise(texts))][: len(texts)]
        self.new = [0]
        for text, shared in zip(texts, self.shared, strict=True):
            self.new.append(self.new[-1] + len(text) - shared)
        self.cached: Ids = ()

    def steps(self) -> Iterator[Step]:
        pending = [(0, len(self.texts))] if self.texts else []
        while pending:
            low, high = pending.pop()
            stem = self._stem(low, high)
            if high - low == 1 or self._size(low, high, stem) <= self.budget:
                yield from self._chunk(low, high, stem)
            else:
                pending += reversed(self._split(low, high, stem))

    def _stem(self, low: int, high: int) -> int:
        """How many tokens the texts of a range all share."""
        return min(self.shared[low + 1 : high], default=len(self.texts[low]))

    def _size(self, low: int, high: int, stem: int) -> int:
        """How many tokens the tree of a range has beyond its stem."""
        return len(self.texts[low]) - stem + self.new[high] - self.new[low + 1]

    def _split(self, low: int, high: int, stem: int) -> list[tuple[int, int]]:
        """The branches of a range at its stem, as many together as the budget allows."""
        starts = [low, *(place for place in range(low + 1, high) if self.shared[place] == stem), high]
        parts: list[tuple[int, int]] = []
        for begin, end in pairwise(starts):
            if parts and self._size(parts[-1][0], end, stem) <= self.budget:
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((begin, end))
        return parts

    def _chunk(self, low: int, high: int, stem: int) -> Iterator[Step]:
        """The steps of a range: what of its stem is worth it into the cache, then all its branches at once."""
        beginning = self.texts[low][:stem]
        base = common(self.cached, beginning)
        if stem - base >= WORTH_CACHING:
            yield from self._extend(beginning, base)
            base = stem
        yield self._branches(low, high, max(base - 1, 0))

    def _extend(self, beginning: Ids, base: int) -> Iterator[Step]:
        """Bring the cache from `base` tokens of a beginning to all of them."""
        start = max(base - 1, 0)
        for begin in range(start, len(beginning), self.budget - 1):
            tokens = list(beginning[begin : begin + self.budget])
            if begin > start and len(tokens) == 1:
                break  # the token that a next step would begin with is there already
            yield Step(begin, tokens, list(range(-1, len(tokens) - 1)), [], keep=True)
        self.cached = beginning

    def _branches(self, low: int, high: int, start: int) -> Step:
        """All texts of a range beyond `start`."""
        step = Step(start, [], [], [], keep=False)
        trail: list[int] = []  # places of the current text's tokens
        for place in range(low, high):
            text = self.texts[place]
            shared = min(self.shared[place], len(text)) if place > low else start
            del trail[max(shared - start, 0) :]
            for token in text[start + len(trail) :]:
                step.parents.append(trail[-1] if trail else -1)
                trail.append(len(step.tokens))
                step.tokens.append(token)
            step.ends.append((self.numbers[place], trail[-1]))
        self.cached = self.cached[:start]
        return step


def common(one: Ids, other: Ids) -> int:
    """How many tokens two texts begin with in common."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next((place for place in range(length) if one[place] != other[place]), length)
