"""The interpreter of a task."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = ('python', 'python3')


@contextmanager
def interpreter() -> Iterator[str]:
    """What to put before PATH so that `python` and `python3` of a command are the interpreter that runs this.

    Its own folder does in a virtual environment; elsewhere (`python3.12 run.py` beside a `python3` of the system) other
    interpreters may have these names there.
    """
    folder = Path(sys.executable).parent
    if all((folder / name).exists() and (folder / name).samefile(sys.executable) for name in NAMES):
        yield str(folder)
        return
    with TemporaryDirectory(prefix='opencompass_') as made:
        for name in NAMES:
            script = Path(made, name)
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
            script.chmod(0o755)
        yield f'{made}{os.pathsep}{folder}'
