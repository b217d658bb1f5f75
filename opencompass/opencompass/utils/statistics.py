"""How sure a score is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: Keys of a result that say more about its metrics; everything else in a result are metrics.
DETAILS = ('statistics', 'samples', 'data', 'comparison', 'provenance')


def metrics_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without its details."""
    return {name: value for name, value in result.items() if name not in DETAILS}


def plain(samples: Mapping[str, Sequence[Any]]) -> dict[str, list[int | float | None]]:
    """The values by sample as JSON can hold them, also those of an evaluator that counts with numpy."""
    return {
        name: [value if value is None or type(value) is int else float(value) for value in values]
        for name, values in samples.items()
    }


def statistics_of(samples: Mapping[str, Sequence[float | None]]) -> dict[str, dict]:
    """`n` and standard error of each metric, from its values by sample; None is a sample that does not count."""
    counted = {name: [value for value in values if value is not None] for name, values in samples.items()}
    return {name: {'n': len(values), 'stderr': standard_error(values)} for name, values in counted.items()}


def standard_error(values: Sequence[float]) -> float | None:
    """Standard error of the mean: the sample deviation (n - 1) over the root of n. A single value has none."""
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
