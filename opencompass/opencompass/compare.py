"""`opencompass compare RUN_A RUN_B`: by how much B is better than A on each data set, and how sure that is.

Both runs answered the same samples, so that the differences are paired: a sample that is hard for one is mostly hard
for the other, and much smaller differences can be told than from two standard errors.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .utils import run_dirs
from .utils._scores import read_result
from .utils.paired import Difference, difference

Results = dict[str, dict[str, Any]]
ALIGN = ('left', 'left', *['right'] * 7)
HEAD = ('dataset', 'metric', 'n', 'A', 'B', 'B - A', 'interval', 'p', 'method')


class Row(NamedTuple):
    """A metric of a data set that both runs have."""

    dataset: str
    metric: str
    found: Difference

    @property
    def cells(self) -> list[str]:
        """As the table shows it."""
        found = self.found
        interval = f'[{found.low:+.2f}, {found.high:+.2f}]'
        p = '-' if found.p is None else '<0.0001' if found.p < 1e-4 else f'{found.p:.4f}'
        numbers = [str(found.n), f'{found.first:.2f}', f'{found.second:.2f}', f'{found.value:+.2f}']
        return [self.dataset, self.metric, *numbers, interval, p, found.method]


def main(argv: list[str] | None = None) -> int:
    """The command; 0 if at least one data set was compared."""
    args = _parser().parse_args(argv)
    first, second = (_results(Path(run)) for run in (args.run_a, args.run_b))
    rows, notes = [], []
    for name_a, name_b in _pairs(first, second, args.models):
        print(f'A: {args.run_a} {name_a}\nB: {args.run_b} {name_b}')
        found, left_out = compared(first[name_a], second[name_b], args.confidence / 100, args.seed)
        rows += found
        notes += left_out
        if found:
            from tabulate import tabulate

            print(tabulate([row.cells for row in found], HEAD, disable_numparse=True, colalign=ALIGN))
            print(f'interval: {args.confidence:g} % confidence; p: that there is no difference')
    for note in notes:
        print(note, file=sys.stderr)
    if not rows:
        print('error: the two runs have no data set that could be compared', file=sys.stderr)
    return 0 if rows else 1


def compared(first: Results, second: Results, confidence: float, seed: int) -> tuple[list[Row], list[str]]:
    """A row for each metric that both have by sample, and a line for each data set where that is not so."""
    rows, notes = [], []
    for dataset in sorted({*first, *second}):
        one, other = first.get(dataset), second.get(dataset)
        reason = 'only one of the runs has a result' if one is None or other is None else _hindrance(one, other)
        if one is None or other is None or reason:
            notes.append(f'{dataset}: not compared: {reason}')
            continue
        if _prompts(one) != _prompts(other):
            notes.append(f'{dataset}: note that the prompts differ')
        shared = [name for name in one['samples'] if name in other['samples']]
        rows += [
            Row(dataset, name, difference(one['samples'][name], other['samples'][name], confidence, seed))
            for name in shared
        ]
    return rows, notes


def _hindrance(one: dict, other: dict) -> str:
    """Why two results of a data set cannot be paired; '' if they can."""
    if not (one.get('samples') and other.get('samples')):
        return (
            'a result has no values by sample (an older run, or a metric of the whole set such as BLEU); '
            'to get them delete the result file and run -m eval -r'
        )
    if one.get('data') != other.get('data'):
        return 'the samples are not the same (other data, or another test_range)'
    return '' if set(one['samples']) & set(other['samples']) else 'they have no metric in common'


def _prompts(result: dict) -> list[str]:
    return [one['prompt'] for one in result.get('provenance', [])]


def _results(run: Path) -> dict[str, Results]:
    """Model -> data set -> result, of a run's folder or of the newest run in a work directory."""
    if not (run / 'results').is_dir() and (stamp := run_dirs.reused(str(run), 'latest')):
        run = run / stamp
    folder = run / 'results'
    found: dict[str, Results] = {}
    for path in sorted(folder.rglob('*.json')):
        result = read_result(path)
        if result is not None:
            found.setdefault(path.parent.relative_to(folder).as_posix(), {})[path.stem] = result
    if not found:
        raise FileNotFoundError(
            f'no results in {folder}; give the folder of a run, such as outputs/default/20240131_120000'
        )
    return found


def _pairs(
    first: dict[str, Results], second: dict[str, Results], wanted: list[str] | None
) -> Iterator[tuple[str, str]]:
    """The models to compare: those asked for, the only one of each run, or those of the same name."""
    if wanted:
        for name, known in zip(wanted, (first, second), strict=True):
            if name not in known:
                raise ValueError(f'--models: the run has no model {name!r}; it has {", ".join(known)}')
        yield wanted[0], wanted[1]
        return
    if len(first) == len(second) == 1:
        yield next(iter(first)), next(iter(second))
        return
    shared = [name for name in first if name in second]
    if not shared:
        raise ValueError(
            f'the runs have no model in common: {", ".join(first)} and {", ".join(second)}; choose with --models A B'
        )
    yield from ((name, name) for name in shared)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='opencompass compare', description=__doc__)
    add = parser.add_argument
    add('run_a', metavar='RUN_A', help='folder of a run, or a work directory: its newest run')
    add('run_b', metavar='RUN_B', help='the same, or the same run where --models names two of its models')
    add('--models', nargs=2, metavar=('A', 'B'), help='the model of each run, where they are named differently')
    add('--confidence', type=float, default=95, metavar='PERCENT', help='of the intervals (default: %(default)s)')
    add('--seed', type=int, default=0, help='of the bootstrap (default: %(default)s)')
    return parser
