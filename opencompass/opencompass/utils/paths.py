"""Where the files that configs name by a relative path lie on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
DATA_VARIABLE = 'OPENCOMPASS_DATA'


class MissingData(FileNotFoundError):
    """Benchmark files that are not on this machine; the message says what was looked for and what to put where.

    Attributes:
        path, content: the file as configs name it, and what it holds; empty where it is not one file that is missing.
    """

    path = content = ''


def find_local(path: str) -> Path | None:
    """The existing file or folder that a config means by `path`, None if there is none.

    A relative path is looked for below the working directory, the folder of this package and the repository root, in
    this order; one below `data/` only in the working directory and `$OPENCOMPASS_DATA`, where that is set.
    """
    return next((place for place in places(path) if place.exists()), None)


def find_hub_copy(name: str) -> Path | None:
    """The local folder that stands for the hub data set `name`, None if there is none.

    It is `data/_hub/NAME`, found as `find_local` finds it, or `$OPENCOMPASS_DATA/NAME`.
    """
    return next((place for place in hub_places(name) if place.is_dir()), None)


def places(path: str) -> Iterator[Path]:
    """Every place where `find_local` looks for the path, the first that counts first."""
    yield Path(path)
    if Path(path).is_absolute():
        return
    parts = Path(path).parts
    root = os.environ.get(DATA_VARIABLE)
    if root and parts[:1] == ('data',):
        yield Path(root, *parts[1:])
        return
    for folder in (PACKAGE_FOLDER, PACKAGE_FOLDER.parent):
        yield (folder / path).resolve()


def hub_places(name: str) -> Iterator[Path]:
    """Every place where `find_hub_copy` looks for the data set."""
    yield from places(f'data/_hub/{name}')
    root = os.environ.get(DATA_VARIABLE)
    if root:
        yield Path(root, name)


def need_local(path: str, wanted_by: str, content: str) -> Path:
    """`find_local`, but MissingData where there is nothing; `content` says what the file holds."""
    found = find_local(path)
    if found is None:
        error = MissingData(f'{wanted_by} needs {path} ({content}), which is not there.\n' + advice(places(path)))
        error.path, error.content = path, content
        raise error
    return found


def advice(looked_at: Iterator[Path]) -> str:
    """Where was looked, and what to do, for the message of a MissingData."""
    looked = [str(Path.cwd() / place) for place in looked_at]
    return (
        'Looked at:\n'
        + ''.join(f'  {place}\n' for place in looked)
        + f'Put it at the first of these, or set ${DATA_VARIABLE} to the folder that holds the benchmarks '
        '(what configs call ./data).'
    )
