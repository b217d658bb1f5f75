"""The bar over all tasks of a runner."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..utils.progress import Progress, read

SECONDS = 0.5


class Board:
    """Counts tasks and, from the files that running tasks keep, samples."""

    def __init__(self, tasks: int, stage: str) -> None:
        from tqdm import tqdm

        self.tasks, self.ended = tasks, 0
        self.files: dict[str, Path] = {}
        self.gone = Progress()
        self.lock = threading.Lock()
        self.bar = tqdm(
            total=tasks,
            desc=stage,
            unit='task',
            disable=not sys.stderr.isatty(),
            bar_format=('{desc}: {postfix} |{bar}| [{elapsed}<{remaining}]'),
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
        self.bar.set_postfix_str(
            f'{ended}/{self.tasks} tasks, {done}/{total} samples, {done / seconds:.1f}/s', refresh=False
        )
        self.bar.refresh()


@contextmanager
def board(tasks: int, stage: str) -> Iterator[Board]:
    """A bar that redraws itself until the body ends; silent when there is no terminal."""
    shown, stop = Board(tasks, stage), threading.Event()

    def draw() -> None:
        while not stop.wait(SECONDS):
            shown.show()

    thread = threading.Thread(target=draw, daemon=True)
    if not shown.bar.disable:
        thread.start()
    try:
        yield shown
    finally:
        stop.set()
        if thread.is_alive():
            thread.join()
            shown.show()
        shown.bar.close()
