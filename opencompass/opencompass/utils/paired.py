"""The difference between two systems that answered the same samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean
from typing import NamedTuple

RESAMPLES = 10_000
Values = Sequence[float | None]


class Difference(NamedTuple):
    """Means of both, their difference with its confidence interval, and the probability of one at least as large by
    chance (None where the method has none)."""

    n: int
    first: float
    second: float
    low: float
    high: float
    p: float | None
    method: str

    @property
    def value(self) -> float:
        """By how much the second is higher."""
        return self.second - self.first


def difference(first: Values, second: Values, confidence: float = 0.95, seed: int = 0) -> Difference:
    """The second less the first over samples that count in both; None is one that does not.

    Of right-or-wrong values: McNemar's exact test, and the interval of Agresti and Min. Of others: the percentile
    interval of a paired bootstrap, the same for the same seed.
    """
    pairs = [pair for pair in zip(first, second, strict=True) if None not in pair]
    if not pairs:
        raise ValueError('there is no sample that counts in both')
    before, after = ([float(value or 0) for value in side] for side in zip(*pairs, strict=True))
    levels = {*before, *after}
    top = max(levels) or 1.0
    if levels <= {0.0, top}:
        worse = sum(b > a for b, a in zip(before, after, strict=True))
        better = sum(b < a for b, a in zip(before, after, strict=True))
        low, high = (top * limit for limit in matched_interval(worse, better, len(pairs), confidence))
        p, method = mcnemar(worse, better), 'McNemar'
    else:
        changes = [a - b for b, a in zip(before, after, strict=True)]
        low, high = bootstrap_interval(changes, confidence, seed)
        p, method = None, 'bootstrap'
    return Difference(len(pairs), fmean(before), fmean(after), low, high, p, method)


def mcnemar(worse: int, better: int) -> float:
    """The exact two-sided p of as uneven a split of the samples on which only one system is right.

    Q. McNemar, Psychometrika 12 (1947).
    """
    total = worse + better
    tail = sum(math.comb(total, count) for count in range(min(worse, better) + 1))
    return min(1.0, 2 * tail / 2**total)


def matched_interval(worse: int, better: int, n: int, confidence: float) -> tuple[float, float]:
    """Interval of the difference of two matched proportions, each cell of the table raised by a half.

    A. Agresti and Y. Min, Statistics in Medicine 24 (2005) 729-740: also right for few samples and none that differ.
    """
    size, split, change = n + 2, worse + better + 1, better - worse
    deviation = math.sqrt(split - change**2 / size) / size
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * deviation
    return max(-1.0, change / size - reach), min(1.0, change / size + reach)


def bootstrap_interval(changes: Sequence[float], confidence: float, seed: int) -> tuple[float, float]:
    """The middle part of the means of samples drawn from the changes with replacement."""
    import numpy as np

    draw, values = np.random.default_rng(seed), np.asarray(changes, dtype=float)
    means = [values[draw.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
