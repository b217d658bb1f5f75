"""In which steps texts that share beginnings are forwarded, each token of their prefix tree once. Numpy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Token ids of a text, or places in a step.
Ids = NDArray[np.int32]

#: A beginning is worth a step of its own that spares others so many tokens.
WORTH_CACHING = 16
#: A step of fewer tokens costs as much as one of so many: the weights have to be read all the same.
FEW = 64


class Size(NamedTuple):
    """How many tokens a step takes: branches until there are `enough` to keep the machine busy, never more than `most`
    (but for a text that alone has more). `growth` tokens are counted besides for each text, which it will get later."""

    enough: int
    most: int
    growth: int = 0


class Step(NamedTuple):
    """Forward `tokens`, which see the first `start` of `cached` tokens, and each other as a tree.

    `parents[n]` is the place in `tokens` that token n follows, -1 for the last token it sees in the cache (none where
    `start` is 0). A token's descendants stand right after it, up to `until[n]`. `wanted` says whose loss is asked for.
    `paths` are the texts that end here: (text, places of its tokens). A step that is kept is a chain, and stays in the
    cache; after any other the cache is as it was before.
    """

    start: int
    cached: int
    tokens: Ids
    parents: Ids
    until: Ids
    wanted: NDArray[np.bool_]
    paths: list[tuple[int, Ids]]
    keep: bool

    @property
    def is_chain(self) -> bool:
        """Whether every token follows the one before it."""
        return bool((self.parents == np.arange(-1, len(self.parents) - 1)).all())

    @property
    def depths(self) -> Ids:
        """Place of each token in its text."""
        found = np.empty(len(self.tokens), np.int32)
        for _, path in self.paths:
            found[path] = np.arange(self.start, self.start + len(path))
        return found if self.paths else np.arange(self.start, self.start + len(found), dtype=np.int32)


def plan(texts: Sequence[Ids], size: Size, skipped: Sequence[int] | None = None) -> Iterator[Step]:
    """The steps that forward all texts, and ask for the loss of each token but the first `skipped` ones of its text.

    Each step but those that start at 0 begins with a token that was forwarded before: its output is needed again, and
    its place in the cache is not touched, so that it is the same whether or not other steps were left out. That is all
    that is ever forwarded twice, but for texts that share a beginning across the border of two steps.
    """
    keys = {number: text.astype('>i4').tobytes() for number, text in enumerate(texts) if len(text)}
    order = sorted(keys, key=keys.__getitem__)
    del keys
    asked = np.zeros(len(texts), np.int64) if skipped is None else np.asarray(skipped, np.int64)
    return _Planner([texts[number] for number in order], order, asked[order], size).steps()


class _Planner:
    """Sorted texts, and how many tokens each shares with the one before."""

    def __init__(self, texts: list[Ids], numbers: list[int], skipped: NDArray[np.int64], size: Size) -> None:
        self.texts, self.numbers, self.skipped = texts, numbers, skipped
        self.enough, self.most = max(size.enough, 2), max(size.most, 2)
        self.shared = np.array([0, *(common(one, other) for one, other in pairwise(texts))], np.int64)
        new = [len(text) - shared + size.growth for text, shared in zip(texts, self.shared, strict=False)]
        self.new = np.cumsum([0, *new])
        self.growth = size.growth
        self.cached = np.empty(0, np.int32)

    def steps(self) -> Iterator[Step]:
        pending = [(0, len(self.texts), False)] if self.texts else []
        while pending:
            low, high, is_one_step = pending.pop()
            stem = self._stem(low, high)
            if is_one_step or high - low == 1 or self._size(low, high, stem) <= min(self.enough, self.most - 1):
                yield from self._chunk(low, high, stem)
            else:
                parts = list(self._parts(low, high, stem))
                fresh = stem - common(self.cached, self.texts[low][:stem])
                if fresh * (len(parts) - 1) >= WORTH_CACHING:
                    yield from self._extend(self.texts[low][:stem])
                pending += reversed(parts)

    def _stem(self, low: int, high: int) -> int:
        """How many tokens the texts of a range all share."""
        return int(self.shared[low + 1 : high].min()) if high - low > 1 else len(self.texts[low])

    def _size(self, low: int, high: int, stem: int) -> int:
        """How many tokens the tree of a range has, and will get, beyond its stem."""
        return len(self.texts[low]) - stem + self.growth + int(self.new[high] - self.new[low + 1])

    def _parts(self, low: int, high: int, stem: int) -> Iterator[tuple[int, int, bool]]:
        """(begin, end, whether it is one step) of the branches at the stem of a range, together until there are enough;
        a branch that is alone may be divided further."""
        forks = np.flatnonzero(self.shared[low + 1 : high] == stem) + low + 1
        begin = last = low  # the last branch begins at `last`
        for fork, end in pairwise([*forks.tolist(), high]):
            if not self._has_room(begin, fork, end, stem):
                yield begin, fork, last > begin
                begin = fork
            last = fork
        yield begin, high, last > begin

    def _has_room(self, low: int, high: int, end: int, stem: int) -> bool:
        """Whether a part that ends at `high` has not enough yet, and has room for the branch that ends at `end`."""
        limit = min(self.most - 1, 2 * self.enough)
        return self._size(low, high, stem) < self.enough and self._size(low, end, stem) <= limit

    def _chunk(self, low: int, high: int, stem: int) -> Iterator[Step]:
        """The steps of a range: what of its stem is worth it into the cache, then all its branches at once."""
        base = common(self.cached, self.texts[low][:stem])
        fresh, branches = stem - base, self._size(low, high, stem)
        is_worth_it = high - low > 1 and fresh >= WORTH_CACHING and branches >= FEW
        if is_worth_it or 1 + fresh + branches > self.most:
            yield from self._extend(self.texts[low][:stem])
            base = stem
        self.cached = self.cached[:base]
        yield self._branches(low, high, base)

    def _extend(self, beginning: Ids) -> Iterator[Step]:
        """Bring the cache to all tokens of a beginning. Other texts may use a part of it, and ask for its losses."""
        asked = int(self.skipped.min())
        start = max(common(self.cached, beginning) - 1, 0)
        for begin in range(start, len(beginning), self.most - 1):
            tokens = beginning[begin : begin + self.most]
            if begin > start and len(tokens) == 1:
                break  # the token that a next step would begin with is there already
            places = np.arange(len(tokens), dtype=np.int32)
            until = np.full_like(places, len(tokens))
            yield Step(begin, begin, tokens, places - 1, until, places + begin >= asked, [], keep=True)
        self.cached = beginning

    def _branches(self, low: int, high: int, base: int) -> Step:
        """All texts of a range beyond the first `base` tokens, which are cached, and the last of these."""
        start = max(base - 1, 0)
        tokens: list[Ids] = []
        paths: list[tuple[int, Ids]] = []
        count, trail = 0, np.empty(0, np.int32)
        closed: list[tuple[Ids, int]] = []
        for place in range(low, high):
            text = self.texts[place]
            kept = max(int(self.shared[place]) - start, 0) if place > low else 0
            closed.append((trail[kept:], count))
            fresh = text[start + kept :]
            trail = np.concatenate([trail[:kept], np.arange(count, count + len(fresh), dtype=np.int32)])
            tokens.append(fresh)
            paths.append((self.numbers[place], trail))
            count += len(fresh)
        parents, until = np.empty(count, np.int32), np.full(count, count, np.int32)
        wanted = np.zeros(count, bool)
        for places, end in closed:
            until[places] = end
        for (_, path), skipped in zip(paths, self.skipped[low:high].tolist(), strict=True):
            parents[path] = np.concatenate([[-1], path[:-1]])
            wanted[path[max(skipped - start, 0) :]] = True
        return Step(start, base, np.concatenate(tokens), parents, until, wanted, paths, keep=False)


def common(one: Ids, other: Ids) -> int:
    """How many tokens two texts begin with in common."""
    length = min(len(one), len(other))
    differing = one[:length] != other[:length]
    place = int(differing.argmax()) if length else 0
    return place if length and differing[place] else length
