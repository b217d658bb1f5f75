"""What every runner does with tasks; a subclass only says where a command runs."""

from __future__ import annotations

import getpass
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..registry import TASKS
from ..tasks import BaseTask
from ..utils import failures
from ..utils.abbr import dataset_abbr_from_cfg, model_abbr_from_cfg
from ..utils.lark import LarkReporter
from ..utils.logging import get_logger

Status = list[tuple[str, int]]

#: Most characters of a task's name in a line of the log.
NAME = 300


def shorten(name: str) -> str:
    """A task's name, cut where many data sets make it fill the screen."""
    return name if len(name) <= NAME else f'{name[:NAME]}...'


class BaseRunner:
    """Runs tasks and reports.

    Args:
        task: config of the task class, `dict(type=...)`; further keys are merged into each task's own config.
        debug: run the tasks in this process, one after the other, with their output in the terminal.
        lark_bot_url: where a message goes when all is done.
    """

    def __init__(self, task: Any, debug: bool = False, lark_bot_url: str | None = None) -> None:
        self.task_cfg = task
        self.debug = debug
        self.lark = LarkReporter(lark_bot_url) if lark_bot_url else None
        self.failures: list[failures.Failure] = []
        self.logger = get_logger()

    def __call__(self, tasks: Sequence[Any]) -> Status:
        """Run all tasks, report, and give (task name, exit code) of each; `failures` says why some failed."""
        status = list(self.launch(tasks))
        self.summarize(status)
        return status

    @abstractmethod
    def launch(self, tasks: Sequence[Any]) -> Status:
        """Run all tasks; (task name, exit code) of each."""

    def build(self, cfg: Any) -> BaseTask:
        """The task of a config."""
        kind = self.task_cfg['type']
        task = TASKS.get(kind) if isinstance(kind, str) else kind
        if task is None:
            raise KeyError(f'no task class is registered as {kind!r}')
        return task(cfg)

    def run_here(self, tasks: Sequence[Any]) -> Status:
        """Debug mode: all tasks in this process; an exception of one ends everything."""
        status = []
        for cfg in tasks:
            task = self.build(cfg)
            task.run()
            status.append((task.name, 0))
        return status

    def note_failures(self, task: BaseTask, code: int) -> None:
        """Keep why a task failed: what it recorded itself or, for what it did not live to record, what its log
        tells."""
        log = Path(task.get_log_path('out'))
        kind, error = failures.read_log(log, code)
        unwritten = {(one.model, one.dataset): one for one in task.failed}
        for (model, dataset), output in zip(task.pairs, task.get_output_paths(), strict=True):
            if Path(output).exists():
                continue
            names = model_abbr_from_cfg(model), dataset_abbr_from_cfg(dataset)
            known = failures.read(task.work_dir, task.stage, *names) or unwritten.get(names)
            if known is None:
                known = failures.Failure(task.stage, *names, kind, error, str(log))
                failures.record(task.work_dir, known)
            self.failures.append(known)

    def summarize(self, status: Sequence[tuple[str, int]]) -> None:
        """Say which tasks failed, here and to the lark robot."""
        failed = [(name, code) for name, code in status if code != 0]
        for name, code in failed:
            self.logger.error(f'{shorten(name)} failed with code {code}')
        if self.lark is None:
            return
        kind = self.task_cfg['type']
        kind = (kind if isinstance(kind, str) else kind.__name__).split('.')[-1]
        user, good = getpass.getuser(), len(status) - len(failed)
        if failed:
            names = '\n'.join(name for name, _ in failed)
            self.lark.post(
                title=f'Bad news: {len(failed)} failed.',
                content=f"{user} 's {kind} tasks finished. {good} tasks succeeded, {len(failed)} tasks failed. "
                f'Failed tasks are:\n{names}',
            )
        else:
            self.lark.post(
                title='Great news: all tasks finished!',
                content=f"{user}'s {kind} tasks finished. {good} tasks succeeded.",
            )
