"""Tables of measured rows, and the JSON file that `plot.py` draws."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from measure import Measured

OURS = 'this package'


class Row(NamedTuple):
    """A runner's work on a task. `bound`: the fewest tokens that could be forwarded."""

    task: str
    runner: str
    batch_size: int | None
    seconds: float
    cpu_seconds: float
    forwarded: int
    padding: int
    bound: int
    agreement: str


def row(task: str, runner: str, found: Measured, bound: int, agreement: str = '') -> Row:
    """The quickest of several runs stands: other programs of the machine only ever make a run slower."""
    return Row(
        task,
        runner,
        found.batch_size,
        min(found.seconds),
        min(found.cpu_seconds),
        found.forwarded,
        found.padding,
        bound,
        agreement,
    )


def table(rows: list[Row]) -> str:
    """The rows of a task: counts, seconds, and how many times those of this package they are."""
    ours = next(one for one in rows if one.runner == OURS)
    head = ('', 'batch', 'tokens', 'x bound', 'padding', 'seconds', 'x ours', 'CPU', 'x ours', 'agreement')
    cells = [
        (
            one.runner,
            str(one.batch_size or '-'),
            f'{one.forwarded:,}',
            f'{one.forwarded / one.bound:.2f}',
            f'{one.padding:,}',
            f'{one.seconds:.2f}',
            f'{one.seconds / ours.seconds:.1f}',
            f'{one.cpu_seconds:.2f}',
            f'{one.cpu_seconds / ours.cpu_seconds:.1f}',
            one.agreement,
        )
        for one in rows
    ]
    return f'{rows[0].task} (bound: {ours.bound:,} tokens)\n{aligned([head, *cells], left=(0, len(head) - 1))}'


def aligned(lines: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Lines of cells in columns, of which some are flush left and all others flush right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = (
        [
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    )
    return ''.join('  '.join(cells).rstrip() + '\n' for cells in shown)


def write(file: Path, settings: dict, rows: Sequence[Any]) -> None:
    """The rows, named tuples, and what they depend on."""
    machine = {'cores': os.cpu_count(), 'processor': platform.processor() or platform.machine()}
    content = {'settings': settings, 'machine': machine, 'rows': [one._asdict() for one in rows]}
    file.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')


def closeness(found: list[list[float]], wanted: list[list[float]]) -> str:
    """How near scores are to those of this package, and how often the same ending is best."""
    pairs = [pair for one in zip(found, wanted, strict=True) for pair in zip(*one, strict=True)]
    furthest = max(abs(one - other) / abs(other) for one, other in pairs)
    same = sum(order(one) == order(other) for one, other in zip(found, wanted, strict=True))
    return f'scores within {furthest:.0e}, same order of {same} of {len(found)}'


def order(scores: list[float]) -> list[int]:
    """The endings from the lowest to the highest score."""
    return sorted(range(len(scores)), key=scores.__getitem__)


def sameness(found: list[str], wanted: list[str]) -> str:
    """How many texts are those of this package, apart from blanks at their ends."""
    same = sum(one.strip() == other.strip() for one, other in zip(found, wanted, strict=True))
    return f'same text of {same} of {len(found)}'
