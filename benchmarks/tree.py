"""What the prefix tree of some texts holds: the least work that scores them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Tree(NamedTuple):
    """Distinct beginnings of all texts (`tokens`), those that a text goes on from (`inner`), and for all of them
    together how many tokens they see: themselves and what is before them (`pairs`)."""

    tokens: int
    inner: int
    pairs: int


def tree(texts: Sequence[Sequence[int]]) -> Tree:
    ordered = sorted(map(list, texts))
    shared = [0, *(_common(one, other) for one, other in pairwise(ordered)), 0]
    new = [len(text) - before for text, before in zip(ordered, shared, strict=False)]
    ends = sum(after < len(text) for text, after in zip(ordered, shared[1:], strict=True))
    return Tree(
        tokens=sum(new),
        inner=sum(new) - ends,
        pairs=sum(_sum_to(len(text)) - _sum_to(before) for text, before in zip(ordered, shared, strict=False)),
    )


def _sum_to(count: int) -> int:
    return count * (count + 1) // 2


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts begin with in common."""
    same = (number for number, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    return next(same, min(len(one), len(other)))
