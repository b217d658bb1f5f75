"""Files that are whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def written(path: Path) -> Iterator[IO[str]]:
    """A file to write, under a temporary name until it is whole: a reader, or a crash, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.name}.{os.getpid()}.part')
    try:
        with part.open('w', encoding='utf-8') as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_atomic(path: Path, text: str) -> None:
    """Write a text; the file is whole or not there."""
    with written(path) as file:
        file.write(text)


def write_json(path: Path, value: Any, **style: Any) -> None:
    """Write a value as JSON, part by part: no text of all of it is held; `style` goes to `json.dump`."""
    with written(path) as file:
        json.dump(value, file, **style)
