"""The files that a started task has besides its log: its config and its progress."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from ..utils.config import write

FOLDER = Path('tmp')


@contextmanager
def config_file(values: Any, name: str = '') -> Iterator[Path]:
    """The config as a file in `tmp` for the body, `PID_NAME_params.py` or `PID_params.py`.

    Where another task, of this process or of another machine with the same number for its own, has that file, the
    host's name and a number are added. A progress file that a task keeps beside it goes with it.
    """
    path = _claimed('_'.join(filter(None, [str(os.getpid()), name])))
    try:
        write(values, path)
        yield path
    finally:
        path.unlink(missing_ok=True)
        progress_file(path).unlink(missing_ok=True)


def progress_file(config: Path) -> Path:
    """Where the task of a config keeps its progress."""
    return config.with_suffix('.progress')


def _claimed(stem: str) -> Path:
    """A new empty file; making it is what keeps others from taking it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    host = re.sub(r'\W+', '-', platform.node())
    for number in count():
        path = FOLDER / (f'{stem}_{host}_{number}_params.py' if number else f'{stem}_params.py')
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise AssertionError('count() has no end')
