"""Tasks as processes of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..registry import RUNNERS
from ..tasks import BaseTask
from ..tasks._script import PARENT
from ._gpus import VARIABLE as GPUS
from ._gpus import Slots, require, visible
from ._report import Status
from .base import BaseRunner

THREADS = 'OMP_NUM_THREADS'


@RUNNERS.register_module()
class LocalRunner(BaseRunner):
    """Up to `max_num_workers` tasks at a time. Tasks wait until the GPUs, or for a model on the CPU the cores, that
    they need are free."""

    def __init__(
        self, task: Any, max_num_workers: int = 16, debug: bool = False, lark_bot_url: str | None = None
    ) -> None:
        super().__init__(task, debug, lark_bot_url, max_num_workers)
        self.gpus, self.cores = Slots([]), Slots([])

    def launch(self, tasks: Sequence[Any]) -> Status:
        if self.debug:
            return [self._run_here(self.build(cfg)) for cfg in tasks]
        self.gpus, self.cores = Slots(visible()), Slots([str(core) for core in range(os.cpu_count() or 1)])
        return super().launch(tasks)

    def _run_here(self, task: BaseTask) -> tuple[str, int]:
        """Debug mode: the task in this process; an exception ends everything, what the task itself notes does not."""
        try:
            task.run()
        finally:
            task.write_failures()
        self.failures += task.failed
        return task.name, 1 if task.failed else 0

    @contextmanager
    def room(self, task: BaseTask) -> Iterator[list[str]]:
        require(task.num_gpus, self.gpus.size, task.name)
        with self.gpus.take(task.num_gpus) as gpus, self.cores.take(min(task.num_cpus, self.cores.size)):
            yield gpus

    def place(self, command: str, task: BaseTask, gpus: list[str]) -> str:
        devices = ','.join(gpus)
        _say(f'launch {task.short_name} on ' + (f'GPU {devices}' if gpus else 'CPU '))
        return f'{GPUS}={devices} {command}'

    def config_name(self, number: int) -> str:
        return str(number)

    def environment(self, task: BaseTask) -> dict[str, str]:
        """Besides the usual: whom the task works for, and its share of the cores."""
        cores = min(task.num_cpus, self.cores.size)
        threads = {} if task.num_cpus < 2 or THREADS in os.environ else {THREADS: str(cores)}
        return {**super().environment(task), **threads, PARENT: str(os.getpid())}


def _say(line: str) -> None:
    """To the terminal, above the bar."""
    from tqdm import tqdm

    tqdm.write(line, file=sys.stdout)
