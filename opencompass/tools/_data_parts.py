"""What the data sets of configs read, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from opencompass.datasets._read import CorruptFile
from opencompass.datasets._sources import places_of
from opencompass.datasets.huggingface import HUB_COPY
from opencompass.registry import LOAD_DATASET
from opencompass.utils import config as configs
from opencompass.utils import failures
from opencompass.utils.build import TASK_KEYS
from opencompass.utils.paths import find_hub_copy, find_local


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
    """Read one part; one without any row is malformed, too."""
    asked = ', '.join(str(value) for value in part.kwargs.values())
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
        return Found(part, 'malformed', told=f'{asked}: {failures.message_of(error)}')
    counts = {split: len(one) for split, one in (rows if isinstance(rows, dict) else {'': rows}).items()}
    return (
        Found(part, 'present', counts) if any(counts.values()) else Found(part, 'malformed', told=f'{asked}: no rows')
    )


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
    if find_local(place) is None and file.startswith(f'{place}/'):
        return f'{place} (with {PurePosixPath(file).relative_to(place)}: {content})'
    return f'{file} ({content})'


def is_path(place: str) -> bool:
    """Whether this is a path, and no name on the hub."""
    return place.startswith(('data/', '.', '/'))
