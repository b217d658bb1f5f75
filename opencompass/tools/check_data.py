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
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from _begin import begin
from _config_files import config_files

from opencompass.datasets._read import CorruptFile
from opencompass.datasets._sources import places_of, source_of
from opencompass.registry import LOAD_DATASET
from opencompass.utils import config as configs
from opencompass.utils import failures, get_logger
from opencompass.utils.build import TASK_KEYS
from opencompass.utils.paths import DATA_VARIABLE, find_hub_copy, find_local
from opencompass.utils.progress import progress

#: From the best to the worst: several parts of a benchmark together are as their worst one.
STATUSES = ('present', 'missing', 'unchecked', 'malformed')
MISSING = 3
#: Parts, messages and configs that are named of each benchmark.
SHOWN = 4
HUB_COPY = 'a folder with data files and a README.md that lists its configurations and splits'


class Part(NamedTuple):
    """What one data set of a config reads: a class with these arguments."""

    type: str
    kwargs: dict[str, Any]
    places: list[str]


class Found(NamedTuple):
    """How a part was found; `told` says what is wrong, or which file is missing."""

    part: Part
    status: str
    rows: dict[str, int] = {}
    told: str = ''


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
    from datasets import disable_progress_bars

    disable_progress_bars()
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
            one.found.append(find(part, empty))
            advance()
    for one in benchmarks.values():
        source = source_of(one.place)
        one.found += [find_text(path) for path in (source.also if source else ())]
    return sorted(benchmarks.values(), key=lambda one: (not is_path(one.place), one.place.lower()))


def is_path(place: str) -> bool:
    """Whether this is a path, and no name on the hub."""
    return place.startswith(('data/', '.', '/'))


def parts_of(file: Path) -> Iterator[Part]:
    """What the data sets of a config read."""
    cfg = configs.load(str(file))
    for name in [one for one in cfg if one.endswith(('datasets', 'dataset'))]:
        for entry in cfg[name] if isinstance(cfg[name], list) else [cfg[name]]:
            plain = configs.builtin(dict(entry))
            ignored = ('type', 'reader_cfg', *TASK_KEYS['dataset'])
            kwargs = {key: value for key, value in plain.items() if key not in ignored}
            cls = LOAD_DATASET.get(plain['type'])
            yield Part(configs.builtin(cls) if cls else plain['type'], kwargs, places_of(plain))


def benchmark_of(part: Part) -> str:
    """The place of its source, else its own."""
    if not part.places:
        return part.type
    source = source_of(part.places[0])
    return source.place if source else part.places[0]


def find(part: Part, empty: dict[str, Found]) -> Found:
    """Read one part. Where nothing at all lies at a place (`empty`) its other parts are not tried."""
    for place in part.places:
        if place in empty:
            return empty[place]._replace(part=part)
    found = load(part)
    if found.status == 'missing':
        empty |= {place: found for place in part.places if find_local(place) is None and find_hub_copy(place) is None}
    return found


def load(part: Part) -> Found:
    cls = LOAD_DATASET.get(part.type)
    if cls is None:
        return Found(part, 'unchecked', told=f'there is no class {part.type}')
    try:
        rows = cls.load(**part.kwargs)
    except FileNotFoundError as error:
        return Found(part, 'missing', told=lacking(part, error))
    except ImportError as error:
        return Found(part, 'unchecked', told=failures.message_of(error))
    except CorruptFile as error:
        return Found(part, 'malformed', told=failures.message_of(error))
    except Exception as error:
        asked = ', '.join(str(value) for value in part.kwargs.values())
        return Found(part, 'malformed', told=f'{asked}: {failures.message_of(error)}')
    splits = rows if isinstance(rows, dict) else {'': rows}
    return Found(part, 'present', {split: len(one) for split, one in splits.items()})


def find_text(path: str) -> Found:
    """A file or folder that configs make prompts with."""
    part = Part(path, {}, [path])
    return Found(part, 'missing', told=path) if find_local(path) is None else Found(part, 'present')


def lacking(part: Part, error: FileNotFoundError) -> str:
    """The path that is missing, as configs name it, and what belongs there."""
    file, content = getattr(error, 'path', ''), getattr(error, 'content', '')
    [place, *_] = part.places or ['']
    if not file:
        if find_local(place) is not None or find_hub_copy(place) is not None:
            return f'{place}: {failures.message_of(error)}'
        return place if is_path(place) else f'data/_hub/{place} ({HUB_COPY})'
    file = str(PurePosixPath(file))
    if find_local(place) is None and file != place:
        return f'{place} (with {PurePosixPath(file).relative_to(place)}: {content})'
    return f'{file} ({content})'


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
