"""What every runner does with tasks; a subclass only says where a command runs."""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..registry import TASKS
from ..tasks import BaseTask
from ..utils import failures
from ..utils.abbr import dataset_abbr_from_cfg, model_abbr_from_cfg
from ..utils.logging import get_logger
from ..utils.progress import VARIABLE as PROGRESS
from ._board import Board, board
from ._files import config_file, progress_file
from ._interpreter import interpreter
from ._report import Status, report
from ._stop import stop_children

INTERRUPTED = 130
#: Code of a task that ended with 0 but without its outputs.
NO_OUTPUT = 1


class RunnerError(KeyError, TypeError, ValueError):
    """A runner's config that cannot be used. OpenCompass 0.1 raises KeyError for some of it, TypeError for the rest."""

    __str__ = Exception.__str__


class BaseRunner:
    """Runs tasks, each as a process with a log, and reports.

    Args:
        task: config of the task class, `dict(type=...)`; further keys are merged into each task's own config.
        debug: run the tasks one after the other, with their output in the terminal.
        lark_bot_url: where a message goes when all is done.
        max_num_workers: tasks that run at the same time.
    """

    #: How often a task that failed is started again.
    retry = 0
    #: Most seconds, of which a random number passes before each start.
    pause = 0
    #: Seconds between the first starts of two tasks, unless one has ended by then.
    stagger = 0.0

    def __init__(
        self, task: Any, debug: bool = False, lark_bot_url: str | None = None, max_num_workers: int = 16
    ) -> None:
        if max_num_workers < 1:
            raise RunnerError(f'max_num_workers (--max-num-workers) must be at least 1, found {max_num_workers}')
        self.task_cfg = task
        self.max_num_workers = max_num_workers
        self.debug = debug
        self.lark_bot_url = lark_bot_url
        self.failures: list[failures.Failure] = []
        self.logger = get_logger()
        self.is_stopping = threading.Event()
        self.path = ''

    @abstractmethod
    def place(self, command: str, task: BaseTask, gpus: list[str]) -> str:
        """The shell command that runs a task's command where it belongs."""

    @contextmanager
    def room(self, task: BaseTask) -> Iterator[list[str]]:
        """Wait until there is room for the task, and keep it for the body: the GPUs that it gets, where the runner
        hands them out."""
        yield []

    def environment(self, task: BaseTask) -> dict[str, str]:
        """Variables for the task besides those of this process."""
        path = [_package_folder(), os.environ.get('PYTHONPATH', '')]
        return {
            'PATH': os.pathsep.join([self.path, os.environ.get('PATH', os.defpath)]),
            'PYTHONPATH': os.pathsep.join(filter(None, path)),
        }

    def config_name(self, number: int) -> str:
        """What the name of the config file of the task at this place in the list has beside the process."""
        return ''

    def __call__(self, tasks: Sequence[Any]) -> Status:
        """Run all tasks, report, and give (task name, exit code) of each; `failures` says why some failed."""
        status = list(self.launch(tasks))
        self.summarize(status)
        return status

    def summarize(self, status: Sequence[tuple[str, int]]) -> None:
        """Say which tasks failed, here and to the lark robot."""
        kind = self.task_cfg['type']
        report(status, kind if isinstance(kind, str) else kind.__name__, self.lark_bot_url)

    def build(self, cfg: Any) -> BaseTask:
        """The task of a config, which gets the keys of the runner's `task`."""
        more = {name: value for name, value in self.task_cfg.items() if name != 'type'}
        kind = self.task_cfg['type']
        task = TASKS.get(kind) if isinstance(kind, str) else kind
        if task is None:
            raise RunnerError(f'no task class is registered as {kind!r}; there are {", ".join(TASKS.module_dict)}')
        return task({**cfg, **more} if more else cfg)

    def launch(self, tasks: Sequence[Any]) -> Status:
        """Run all tasks; (task name, exit code) of each. A task that fails leaves the others alone."""
        built = [self.build(cfg) for cfg in tasks]
        return self.run_all(built) if built else []

    def run_all(self, tasks: Sequence[BaseTask]) -> Status:
        """Run tasks that are built."""
        threads = ThreadPoolExecutor(1 if self.debug else self.max_num_workers)
        with interpreter() as self.path, board(len(tasks), tasks[0].stage, self.debug) as shown, threads:
            futures = []
            try:
                for number, task in enumerate(tasks):
                    futures.append(threads.submit(self._finish, number, task, shown))
                    wait(futures[-1:], timeout=self.stagger)
                return [future.result() for future in futures]
            except BaseException:
                self.is_stopping.set()
                threads.shutdown(wait=False, cancel_futures=True)
                stop_children(futures)
                raise

    def _finish(self, number: int, task: BaseTask, shown: Board) -> tuple[str, int]:
        """Run one task; one that cannot be started counts as failed, and so does one that ends without its outputs."""
        try:
            with self.room(task) as gpus:
                code = self._attempts(number, task, gpus, shown)
            is_well = _is_well(task, code)
        except (OSError, ValueError) as error:
            code, is_well = 1, False
            task.note_all(error)
            task.write_failures()
        if not is_well and not self.is_stopping.is_set():
            self.note_failures(task, code)
            if not self.debug:
                self.logger.warning(f'task {task.short_name} fail, see\n{task.get_log_path("out")}')
        return task.name, code or (0 if is_well else NO_OUTPUT)

    def _attempts(self, number: int, task: BaseTask, gpus: list[str], shown: Board) -> int:
        """Start a task until it has ended well or its retries are used up; the exit code of the last start. All starts
        write to one log."""
        code = INTERRUPTED
        with config_file(task.cfg, self.config_name(number)) as config, self._log(task) as log:
            shown.begin(task.name, progress_file(config))
            try:
                for attempt in range(self.retry + 1):
                    if self.pause and not self.debug:
                        time.sleep(random.randint(0, self.pause))
                    if self.is_stopping.is_set():
                        return INTERRUPTED
                    if attempt and log is not None:
                        print(
                            f'\nStart {attempt + 1} of {self.retry + 1}, after exit code {code}', file=log, flush=True
                        )
                    task.forget_failures()
                    code = self._start(config, task, gpus, log)
                    if _is_well(task, code):
                        break
                return code
            finally:
                shown.end(task.name)

    def _start(self, config: Path, task: BaseTask, gpus: list[str], log: IO[str] | None, **more: str) -> int:
        """Run the task's command to its end, its output in the log or the terminal, with more variables; the exit
        code."""
        done = subprocess.run(
            self.place(task.get_command(str(config), '{task_cmd}'), task, gpus),
            shell=True,
            text=True,
            stdout=log,
            stderr=None if log is None else subprocess.STDOUT,
            env={**os.environ, **self.environment(task), PROGRESS: str(progress_file(config).resolve()), **more},
        )
        return done.returncode

    @contextmanager
    def _log(self, task: BaseTask) -> Iterator[IO[str] | None]:
        """The task's log, open; None for the terminal."""
        if self.debug:
            yield None
            return
        path = Path(task.get_log_path('out'))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open('w', encoding='utf-8') as log:
            yield log

    def note_failures(self, task: BaseTask, code: int) -> None:
        """Keep why a task failed: what it recorded itself or, for what it did not live to record, what its log
        tells."""
        log = Path(task.get_log_path('out'))
        kind, error = ('bug', f'exit code {code}') if self.debug else failures.read_log(log, code)
        unwritten = {(one.model, one.dataset): one for one in task.failed}
        for (model, dataset), output in zip(task.pairs, task.get_output_paths(), strict=True):
            if Path(output).exists():
                continue
            names = model_abbr_from_cfg(model), dataset_abbr_from_cfg(dataset)
            known = failures.read(task.work_dir, task.stage, *names) or unwritten.get(names)
            if known is None:
                known = failures.Failure(task.stage, *names, kind, error, '' if self.debug else str(log))
                failures.record(task.work_dir, known)
            self.failures.append(known)


def _is_well(task: BaseTask, code: int) -> bool:
    """Whether a task that ended with this code has done its work."""
    return code == 0 and all(Path(path).is_file() for path in task.get_output_paths())


def _package_folder() -> str:
    """The folder to import the package from, so that a task needs no installation where this process needed none."""
    return str(Path(__file__).resolve().parents[2])
