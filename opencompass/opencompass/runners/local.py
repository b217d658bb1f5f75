"""Tasks as processes of this machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, Any

from ..registry import RUNNERS
from ..tasks import BaseTask, OpenICLEvalTask, OpenICLInferTask
from ..tasks._models import identity, keeping
from ..tasks._script import PARENT
from ..tasks._worker import Order
from ._files import progress_file
from ._gpus import VARIABLE as GPUS
from ._gpus import Slots, require, visible
from ._report import Status
from ._workers import Place, Workers, workers
from .base import BaseRunner

THREADS = 'OMP_NUM_THREADS'
#: What starts a process that can stay for the next task.
COMMANDS = (OpenICLInferTask.get_command, OpenICLEvalTask.get_command)


@RUNNERS.register_module()
class LocalRunner(BaseRunner):
    """Up to `max_num_workers` tasks at a time. Tasks wait until the GPUs, or for a model on the CPU the cores, that
    they need are free.

    Args:
        keep_alive: let the process of a task do the next task of the same model, which is loaded then; a process whose
            task failed is not trusted with another.
    """

    def __init__(
        self,
        task: Any,
        max_num_workers: int = 16,
        debug: bool = False,
        lark_bot_url: str | None = None,
        keep_alive: bool = True,
    ) -> None:
        super().__init__(task, debug, lark_bot_url, max_num_workers)
        self.keep_alive = keep_alive
        self.gpus, self.cores = Slots([]), Slots([])
        self.workers = Workers([], Path())

    def launch(self, tasks: Sequence[Any]) -> Status:
        if self.debug:
            with keeping() if self.keep_alive else nullcontext():
                return [self._run_here(self.build(cfg)) for cfg in tasks]
        self.gpus, self.cores = Slots(visible()), Slots([str(core) for core in range(os.cpu_count() or 1)])
        return super().launch(tasks)

    def run_all(self, tasks: Sequence[BaseTask]) -> Status:
        with workers(map(self.kind, tasks)) as self.workers:
            return super().run_all(tasks)

    def _run_here(self, task: BaseTask) -> tuple[str, int]:
        """Debug mode: the task in this process; an exception ends everything, what the task itself notes does not."""
        try:
            task.run()
        finally:
            task.write_failures()
        self.failures += task.failed
        return task.name, 1 if task.failed else 0

    def kind(self, task: BaseTask) -> str:
        """What tasks have in common that one process can do; '' for a task that needs a process of its own, because its
        command is not ours, or starts several."""
        is_ours = self.keep_alive and type(task).get_command in COMMANDS
        if not is_ours or (task.num_gpus and getattr(task, 'num_procs', 1) > 1):
            return ''
        loaded = [*map(identity, task.model_cfgs)] if isinstance(task, OpenICLInferTask) else []
        return json.dumps([task.name_prefix, task.num_gpus, task.num_cpus, *loaded])

    @contextmanager
    def room(self, task: BaseTask) -> Iterator[list[str]]:
        require(task.num_gpus, self.gpus.size, task.name)
        kind, cores = self.kind(task), min(task.num_cpus, self.cores.size)
        with self.gpus.take(task.num_gpus, kind) as gpus, self.cores.take(cores, kind):
            yield gpus

    def place(self, command: str, task: BaseTask, gpus: list[str]) -> str:
        return f'{GPUS}={",".join(gpus)} {command}'

    def _start(self, config: Path, task: BaseTask, gpus: list[str], log: IO[str] | None, **more: str) -> int:
        _announce(task, gpus)
        start = partial(super()._start, config, task, gpus, log, **more)
        if log is None:
            return start()
        order = Order(str(config), str(progress_file(config).resolve()))
        return self.workers.run(Place(self.kind(task), tuple(gpus)), start, order, log)

    def config_name(self, number: int) -> str:
        return str(number)

    def environment(self, task: BaseTask) -> dict[str, str]:
        """Besides the usual: whom the task works for, and its share of the cores."""
        cores = min(task.num_cpus, self.cores.size)
        threads = {} if task.num_cpus < 2 or THREADS in os.environ else {THREADS: str(cores)}
        return {**super().environment(task), **threads, PARENT: str(os.getpid())}


def _announce(task: BaseTask, gpus: list[str]) -> None:
    """To the terminal, above the bar: which task begins, and where."""
    from tqdm import tqdm

    where = f'GPU {",".join(gpus)}' if gpus else 'CPU '
    tqdm.write(f'launch {task.short_name} on {where}', file=sys.stdout)
