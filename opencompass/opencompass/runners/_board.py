"""The bar over all tasks of a runner."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from ..utils.logging import get_logger
from ..utils.progress import Progress, read

SECONDS = 0.5


class Board:
    """Counts tasks and, from the files that running tasks keep, samples."""

    def __init__(self, tasks: int, stage: str, is_hidden: bool = False) -> None:
        from tqdm import tqdm

        self.tasks, self.ended, self.stage = tasks, 0, stage
        self.files: dict[str, Path] = {}
        self.gone = Progress()
        self.lock = threading.Lock()
        self.bar = tqdm(
            total=tasks,
            desc=stage,
            unit='task',
            disable=is_hidden or not sys.stderr.isatty(),
            bar_format='{desc} |{bar}| [{elapsed}<{remaining}]',
        )

    def begin(self, name: str, file: Path) -> None:
        """A task has started; it keeps its progress in the file."""
        with self.lock:
            self.files[name] = file

    def end(self, name: str) -> None:
        """A task has ended."""
        with self.lock:
            last = read(self.files.pop(name)) if name in self.files else Progress()
            self.gone = Progress(self.gone.done + last.done, self.gone.total + last.total)
            self.ended += 1

    def show(self) -> None:
        """Draw the bar anew: whole tasks, and of the running ones the share of their samples."""
        with self.lock:
            running = [read(file) for file in self.files.values()]
            done, total = (sum(column) for column in zip(self.gone, *running, strict=True))
            share = sum(one.done / one.total for one in running if one.total)
            ended = self.ended
        seconds = self.bar.format_dict['elapsed'] or 1
        self.bar.n = round(ended + share, 3)
        samples = f', {done}/{total} samples, {done / seconds:.1f}/s' if total else ''
        self.bar.set_description_str(f'{self.stage}: {ended}/{self.tasks} tasks{samples}', refresh=True)


@contextmanager
def board(tasks: int, stage: str, is_hidden: bool = False) -> Iterator[Board]:
    """A bar that redraws itself until the body ends; silent when there is no terminal."""
    from tqdm.contrib.logging import logging_redirect_tqdm

    shown, stop = Board(tasks, stage, is_hidden), threading.Event()

    def draw() -> None:
        while not stop.wait(SECONDS):
            shown.show()

    thread = threading.Thread(target=draw, daemon=True)
    log_lines = nullcontext() if shown.bar.disable else logging_redirect_tqdm([get_logger()])
    if not shown.bar.disable:
        thread.start()
    try:
        with log_lines:  # above the bar, not into it
            yield shown
    finally:
        stop.set()
        if thread.is_alive():
            thread.join()
            shown.show()
        shown.bar.close()
