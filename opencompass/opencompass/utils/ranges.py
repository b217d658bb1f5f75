"""Which rows of a split a text like `[0:100]` means."""

from __future__ import annotations

import re

_BOUND = r'\s*([+-]?[0-9]+)?\s*'
_SLICE = re.compile(rf'\s*\[{_BOUND}:{_BOUND}(?::{_BOUND})?\]\s*')


class RangeError(SyntaxError, TypeError, ValueError):
    """A size or range that selects no rows. All three kinds, since callers have had to catch each of them."""


def select(text: str, count: int) -> range:
    """The rows of `count` that slices such as `[10:]` or `[:100][::2]` mean, the second taken from the first's rows.

    An empty text means all rows. Nothing is evaluated.
    """
    rows, rest = range(count), text.strip()
    while rest:
        found = _SLICE.match(rest)
        if not found:
            raise RangeError(
                f'{text!r} is no range of rows: write slices such as "[0:100]", "[-5:]" or "[50:][::2]"; '
                'for the single row 5, "[5:6]"'
            )
        start, stop, step = (int(bound) if bound else None for bound in found.groups())
        if step == 0:
            raise RangeError(f'{text!r} is no range of rows: the step cannot be zero, "[::2]" takes every second row')
        rows, rest = rows[start:stop:step], rest[found.end() :]
    return rows
