"""Where the data that configs name are published, from `sources.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from .huggingface import FILE_FORMATS

#: Hub names that a class knows and no config spells.
NAMED_BY_CLASS = {'FloresFirst100Dataset': 'facebook/flores'}


class Source(NamedTuple):
    """A benchmark's data: `place` is the path below which it lies, or its name on the hub."""

    place: str
    benchmark: str
    published: str
    licence: str
    also: tuple[str, ...] = ()


@cache
def sources() -> dict[str, Source]:
    """All that are known, by place."""
    import yaml

    text = Path(__file__).with_name('sources.yaml').read_text(encoding='utf-8')
    return {
        place: Source(place, **{**entry, 'also': tuple(entry.get('also', ()))})
        for place, entry in yaml.safe_load(text).items()
    }


def source_of(place: str) -> Source | None:
    """The source of a path or hub name: its own, or that of the nearest folder above it."""
    path = PurePosixPath(place)
    above = (str(one) for one in (path, *path.parents))
    return next((sources()[one] for one in above if one in sources()), None)


def places_of(entry: Mapping[str, Any]) -> list[str]:
    """The paths, without './', or the hub name that a data set's config entry reads."""
    path = entry.get('path', NAMED_BY_CLASS.get(str(entry['type']).split('.')[-1]))
    if path in FILE_FORMATS and 'data_files' in entry:
        return [str(PurePosixPath(file)) for file in _flat(entry['data_files'])]
    return [] if path is None else [str(PurePosixPath(path))]


def _flat(files: Any) -> Iterator[str]:
    """The names in a name, a list of names, or either by split."""
    if isinstance(files, str):
        yield files
        return
    for part in files.values() if isinstance(files, Mapping) else files:
        yield from _flat(part)
