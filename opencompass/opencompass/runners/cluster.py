"""What runners have in common that hand a command to a scheduler."""

from __future__ import annotations

from typing import Any

from .base import BaseRunner, RunnerError

#: Most characters of a job's name.
NAME = 512


class ClusterRunner(BaseRunner):
    """Tasks run on other machines, which see the current folder under the same path and start `python` from PATH.

    A task that fails is handed over again, up to `retry` times. Its predictions are stored as they are made, so that
    the next start goes on where the last one ended. In debug mode tasks run one after the other, their output in the
    terminal.
    """

    #: Schedulers refuse requests that come in a burst, and what fails on many nodes should not return to them at once.
    pause = 10
    stagger = 0.5

    def __init__(
        self,
        task: Any,
        max_num_workers: int = 32,
        retry: int = 2,
        debug: bool = False,
        lark_bot_url: str | None = None,
    ) -> None:
        super().__init__(task, debug, lark_bot_url, max_num_workers)
        if retry < 0:
            raise RunnerError(f'retry (--retry) must be 0 or more, found {retry}')
        self.retry = retry
