"""Tasks as processes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..registry import RUNNERS
from ..tasks import BaseTask
from ..tasks._script import PARENT
from ..utils.config import write
from ..utils.progress import VARIABLE as PROGRESS
from ._board import Board, board
from ._gpus import VARIABLE as GPUS
from ._gpus import Slots, require, visible
from ._interpreter import interpreter
from .base import BaseRunner, Status

THREADS = 'OMP_NUM_THREADS'
INTERRUPTED = 130


@RUNNERS.register_module()
class LocalRunner(BaseRunner):
    """Up to `max_num_workers` tasks at a time, each as a process. Tasks wait until the GPUs, or for a model on the CPU
    the cores, that they need are free."""

    def __init__(
        self, task: Any, max_num_workers: int = 16, debug: bool = False, lark_bot_url: str | None = None
    ) -> None:
        super().__init__(task, debug, lark_bot_url)
        self.max_num_workers = max_num_workers
        self.is_stopping = threading.Event()
        self.path = ''

    def launch(self, tasks: Sequence[Any]) -> Status:
        if self.debug:
            return self.run_here(tasks)
        if not tasks:
            return []
        gpus, cores = Slots(visible()), Slots([str(core) for core in range(os.cpu_count() or 1)])
        built = [self.build(cfg) for cfg in tasks]
        with (
            interpreter() as self.path,
            board(len(built), built[0].stage) as shown,
            ThreadPoolExecutor(self.max_num_workers) as threads,
        ):
            futures = [
                threads.submit(self._launch, number, task, gpus, cores, shown) for number, task in enumerate(built)
            ]
            try:
                return [future.result() for future in futures]
            except BaseException:
                self.is_stopping.set()
                threads.shutdown(wait=False, cancel_futures=True)
                while not all(future.done() for future in futures):
                    _stop_children()
                    time.sleep(0.1)  # for a task that is just being started
                raise

    def _launch(
        self, number: int, task: BaseTask, gpu_slots: Slots, core_slots: Slots, shown: Board
    ) -> tuple[str, int]:
        """Run one task; a task that cannot be started counts as failed and leaves the others alone."""
        task.forget_failures()
        try:
            require(task.num_gpus, gpu_slots.size, task.name)
            with gpu_slots.take(task.num_gpus) as gpus, core_slots.take(min(task.num_cpus, core_slots.size)):
                code = INTERRUPTED if self.is_stopping.is_set() else self.place(number, task, gpus, shown)
        except (OSError, ValueError) as error:
            code = 1
            task.note_all(error)
            task.write_failures()
        if code != 0 and not self.is_stopping.is_set():
            self.note_failures(task, code)
            self.logger.warning(f'task {task.short_name} fail, see\n{task.get_log_path("out")}')
        return task.name, code

    def place(self, number: int, task: BaseTask, gpus: list[str], shown: Board) -> int:
        """Run a task's command to its end on these GPUs, its output in its log; the exit code."""
        config = Path('tmp', f'{os.getpid()}_{number}_params.py')
        progress = config.with_suffix('.progress')
        config.parent.mkdir(parents=True, exist_ok=True)
        log = Path(task.get_log_path('out'))
        log.parent.mkdir(parents=True, exist_ok=True)
        devices = ','.join(gpus)
        self.say(f'launch {task.short_name} on ' + (f'GPU {devices}' if gpus else 'CPU '))
        try:
            write(task.cfg, config)
            command = task.get_command(str(config), f'{GPUS}={devices} {{task_cmd}}')
            shown.begin(task.name, progress)
            with log.open('w', encoding='utf-8') as output:
                done = subprocess.run(
                    command,
                    shell=True,
                    text=True,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=_environment(self.path, progress, task.num_cpus),
                )
            return done.returncode
        finally:
            shown.end(task.name)
            config.unlink(missing_ok=True)
            progress.unlink(missing_ok=True)

    def say(self, line: str) -> None:
        """To the terminal, above the bar."""
        from tqdm import tqdm

        tqdm.write(line, file=sys.stdout)


def _environment(path: str, progress: Path, cores: int) -> dict[str, str]:
    """For a task: programs are looked for in `path` first, and the task knows whom it works for."""
    threads = {} if cores < 2 or THREADS in os.environ else {THREADS: str(min(cores, os.cpu_count() or 1))}
    path = os.pathsep.join([path, os.environ.get('PATH', os.defpath)])
    return {
        **os.environ,
        **threads,
        'PATH': path,
        PROGRESS: str(progress.resolve()),
        PARENT: str(os.getpid()),
        'PYTHONPATH': os.pathsep.join(filter(None, [_package_folder(), os.environ.get('PYTHONPATH')])),
    }


def _package_folder() -> str:
    """The folder to import the package from, so that a task needs no installation where this process needed none."""
    return str(Path(__file__).resolve().parents[2])


def _stop_children() -> None:
    """End all processes that were started here, gently and then not."""
    import psutil

    children = psutil.Process().children(recursive=True)
    for child in children:
        child.terminate()
    _, alive = psutil.wait_procs(children, timeout=5)
    for child in alive:
        child.kill()
