"""A task as a program of its own."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path

from . import _worker
from ._models import keeping

#: Process that started this one; when it is gone, so is the reason to go on.
PARENT = 'OPENCOMPASS_PARENT'
SECONDS = 1.0


def main(task: type) -> None:
    """Run the task of the config file named on the command line; exit code 1 when any of its data sets failed."""
    parser = argparse.ArgumentParser(description=task.__doc__)
    parser.add_argument('config', help='config file with models, datasets and work_dir')
    path = parser.parse_args().config
    _end_with_parent()
    sys.path.insert(0, str(Path.cwd()))  # configs may name classes in modules beside them
    address = os.environ.pop(_worker.VARIABLE, None)
    with keeping():
        if address is None:
            run(task, path)
        else:
            _worker.work(partial(run, task), path, address)


def run(task: type, path: str) -> None:
    """Run the task of a config file; what it notes without raising ends the process, too."""
    from mmengine.config import Config

    from opencompass.utils.logging import get_logger

    start = time.time()
    made = task(Config.fromfile(path))
    try:
        made.run()
    finally:
        made.write_failures()
    get_logger().info(f'time elapsed: {time.time() - start:.2f}s')
    if made.failed:
        sys.exit(1)


def _end_with_parent() -> None:
    """Stop with the runner, so that a run that was killed leaves no process that goes on writing."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return

    def watch() -> None:
        while _lives(int(parent)):
            time.sleep(SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _lives(process: int) -> bool:
    """Whether the process is there and not a zombie, which in a container without init it may stay for ever."""
    import psutil

    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
