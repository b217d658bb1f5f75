"""Say which data of the benchmarks are in a folder: present, missing or malformed. Nothing is run or downloaded.

DATA_DIR is the folder that configs call ./data. All data that configs name are read from it, by the classes that read
them in a run; with a PATTERN those of configs whose name contains it ("mmlu") or matches it ("*_ppl").

Exit code: 0 when all of these data are there, 1 when some are malformed or cannot be checked, 3 when none are, but some
are missing.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from _begin import begin
from _config_files import config_files
from _data_parts import Found, Part, find, find_text, is_path, parts_of

from opencompass.datasets._sources import source_of
from opencompass.datasets.base import no_progress_bars
from opencompass.utils import get_logger
from opencompass.utils.paths import DATA_VARIABLE
from opencompass.utils.progress import progress

#: From the best to the worst: several parts of a benchmark together are as their worst one.
STATUSES = ('present', 'missing', 'unchecked', 'malformed')
MISSING = 3
#: Parts, messages and configs that are named of each benchmark.
SHOWN = 4


@dataclass
class Benchmark:
    """All parts of the data below one path, or of one name on the hub."""

    place: str
    configs: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The worst of the parts', with how many of them it is."""
        counts = Counter(one.status for one in self.found)
        worst = max(counts, key=STATUSES.index)
        return worst if counts[worst] == len(self.found) else f'{counts[worst]} of {len(self.found)} {worst}'

    def has(self, status: str) -> bool:
        return any(one.status == status for one in self.found)

    @property
    def rows(self) -> str:
        """Of each split, by the class that reads the most: others read the same files."""
        by_class: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.found:
            by_class[one.part.type].update(one.rows)
        most = max(by_class.values(), key=lambda rows: sum(rows.values()))
        return ', '.join(f'{split} {count}'.strip() for split, count in most.items())


def main() -> int:
    args = parse_args()
    folder = args.data_dir.resolve()
    os.environ |= {DATA_VARIABLE: str(folder), 'HF_HUB_OFFLINE': '1', 'HF_DATASETS_OFFLINE': '1'}
    get_logger('WARNING')
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as elsewhere:
        os.chdir(elsewhere)  # a folder `data` here would come before DATA_DIR
        found = check(args.files)
        os.chdir(here)
    show(found, folder)
    if any(one.has('malformed') or one.has('unchecked') for one in found):
        return 1
    return MISSING if any(one.has('missing') for one in found) else 0


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data_dir', type=Path, metavar='DATA_DIR', help='the folder that configs call ./data')
    parser.add_argument('patterns', nargs='*', metavar='PATTERN', help='part of the name of a config, or wildcards')
    args = parser.parse_args()
    args.files = config_files('datasets', args.patterns)
    if not args.data_dir.is_dir():
        parser.error(f'DATA_DIR {args.data_dir} is no folder')
    if not args.files:
        parser.error(f'no data set config matches {" ".join(args.patterns)}; see tools/list_configs.py')
    return args


def check(files: list[Path]) -> list[Benchmark]:
    """The benchmarks that these configs use, paths first."""
    parts: dict[str, tuple[Part, set[str]]] = {}
    with progress(len(files), 0, 'configs', unit='config') as advance:
        for file in files:
            for part in parts_of(file):
                parts.setdefault(json.dumps(part, sort_keys=True), (part, set()))[1].add(file.stem)
            advance()
    benchmarks: dict[str, Benchmark] = {}
    with progress(len(parts), 0, 'data', unit='part') as advance:
        empty: dict[str, Found] = {}
        for part, names in parts.values():
            place = benchmark_of(part)
            one = benchmarks.setdefault(place, Benchmark(place))
            one.configs |= names
            with no_progress_bars():
                one.found.append(find(part, empty))
            advance()
    for one in benchmarks.values():
        source = source_of(one.place)
        one.found += [find_text(path) for path in (source.also if source else ())]
    return sorted(benchmarks.values(), key=lambda one: (not is_path(one.place), one.place.lower()))


def benchmark_of(part: Part) -> str:
    """The place of its source, else its own."""
    if not part.places:
        return part.type
    source = source_of(part.places[0])
    return source.place if source else part.places[0]


def show(found: list[Benchmark], folder: Path) -> None:
    """Print the table, and what is to be done about each benchmark that is not complete."""
    from tabulate import tabulate

    rows = []
    for one in found:
        source = source_of(one.place)
        rows.append([one.place, source.benchmark if source else '', one.status, one.rows, len(one.configs)])
    print(tabulate(rows, headers=['data', 'benchmark', 'status', 'rows', 'configs'], disable_numparse=True))
    for one in found:
        if one.status != 'present':
            print(f'\n{one.place}: {one.status}; used by {shortened(sorted(one.configs), ", ")}')
            print('\n'.join(advice(one, folder)))
    counts = Counter(max((part.status for part in one.found), key=STATUSES.index) for one in found)
    print('\n' + ', '.join(f'{counts[status]} {status}' for status in STATUSES if counts[status]))


def advice(one: Benchmark, folder: Path) -> Iterator[str]:
    """What is wrong with each part, what belongs where, and where it is published."""
    for status in STATUSES[:0:-1]:
        told = sorted({part.told for part in one.found if part.status == status})
        if status == 'missing':
            told = [below(text, folder) for text in told]
        if told:
            yield f'  {status:10} ' + shortened(told, '\n' + ' ' * 13)
    source = source_of(one.place)
    if source is None:
        yield '  published  unknown: no entry in opencompass/datasets/sources.yaml'
    elif one.has('missing'):
        yield f'  published  {source.published}\n  licence    {source.licence}'


def below(told: str, folder: Path) -> str:
    """The path that is missing with DATA_DIR for the folder that configs call data."""
    return f'{folder}/{told.removeprefix("data/")}' if told.startswith('data/') else told


def shortened(texts: list[str], between: str) -> str:
    """The first few of the texts, and how many more there are."""
    more = [f'and {len(texts) - SHOWN} more'] if len(texts) > SHOWN else []
    return between.join([*texts[:SHOWN], *more])


if __name__ == '__main__':
    begin(main)
