"""How far the work is: a bar for a person, a small file for the process that started this one."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

#: Names the file in which a task keeps its progress, for the runner that shows the whole.
VARIABLE = 'OPENCOMPASS_PROGRESS'
SECONDS = 0.5


class Progress(NamedTuple):
    """Samples finished and known of so far, over all data sets a task has begun."""

    done: int = 0
    total: int = 0


_finished = Progress()


def start(file: str) -> None:
    """Begin with nothing done, and write it into this file: another task."""
    global _finished
    _finished = Progress()
    os.environ[VARIABLE] = file


@contextmanager
def progress(total: int, done: int, name: str, unit: str = 'sample') -> Iterator[Callable[[], None]]:
    """Shows `done` of `total`, such as samples of one data set; call what it gives after each. Silent when there is no
    terminal."""
    from tqdm import tqdm

    global _finished
    path = os.environ.get(VARIABLE)
    before, counted, written = _finished, done, 0.0

    def write() -> None:
        nonlocal written
        if path and time.monotonic() - written > SECONDS:
            written = time.monotonic()
            _write(Path(path), Progress(before.done + counted, before.total + total))

    def advance() -> None:
        nonlocal counted
        counted += 1
        bar.update()
        write()

    with tqdm(total=total, initial=done, desc=name, unit=unit, disable=not sys.stderr.isatty()) as bar:
        write()
        yield advance
    _finished = Progress(before.done + total, before.total + total)
    if path:
        _write(Path(path), _finished)


def _write(path: Path, state: Progress) -> None:
    """Progress is a courtesy: where it cannot be written the work goes on."""
    part = path.with_name(path.name + '.part')
    try:
        part.write_text(json.dumps(state))
        part.replace(path)
    except OSError:
        pass


def read(path: Path) -> Progress:
    """What a task wrote last; nothing yet is no progress."""
    try:
        return Progress(*json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return Progress()
