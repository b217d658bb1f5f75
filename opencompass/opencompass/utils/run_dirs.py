"""The folders of runs: `WORK_DIR/YYYYMMDD_HHMMSS`."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

FORMAT = '%Y%m%d_%H%M%S'
STAMP = re.compile(r'\d{8}_\d{6}')


def new_stamp() -> str:
    """The time, as runs are named."""
    return time.strftime(FORMAT)


def runs(work_dir: str) -> list[str]:
    """Names of the runs in a work directory, oldest first. What is not named by a time is no run."""
    folder = Path(work_dir)
    if not folder.is_dir():
        return []
    return sorted(one.name for one in folder.iterdir() if one.is_dir() and STAMP.fullmatch(one.name))


def reused(work_dir: str, asked: str) -> str | None:
    """The run to go on with: the newest for 'latest' (None if there is none), else the one asked for, which must
    exist."""
    found = runs(work_dir)
    if asked == 'latest':
        return found[-1] if found else None
    if not Path(work_dir, asked).is_dir():
        known = ', '.join(found[-5:]) or 'there is none'
        raise FileNotFoundError(f'--reuse {asked}: no such run in {work_dir}; newest runs there: {known}')
    return asked


def check_writable(work_dir: str) -> None:
    """Find out before any work whether results can be written."""
    probe = Path(work_dir, f'.probe.{os.getpid()}')
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OSError(
            f'cannot write to the work directory {work_dir} ({error.strerror}); choose another one with -w/--work-dir'
        ) from error
