"""Tasks as jobs of a Slurm cluster."""

from __future__ import annotations

import shlex
from typing import Any

from ..registry import RUNNERS
from ..tasks import BaseTask
from .cluster import NAME, ClusterRunner


@RUNNERS.register_module()
class SlurmRunner(ClusterRunner):
    """Each task through `srun`, on one node.

    Args:
        partition: where jobs go; Slurm's default if left out.
        quotatype: passed on as `--quotatype`, which some clusters know.
    """

    def __init__(
        self,
        task: Any,
        max_num_workers: int = 32,
        retry: int = 2,
        partition: str | None = None,
        quotatype: str | None = None,
        debug: bool = False,
        lark_bot_url: str | None = None,
    ) -> None:
        super().__init__(task, max_num_workers, retry, debug, lark_bot_url)
        self.partition = partition
        self.quotatype = quotatype

    def place(self, command: str, task: BaseTask, gpus: list[str]) -> str:
        words = ['srun']
        if self.partition:
            words.append(f'-p {shlex.quote(self.partition)}')
        if self.quotatype:
            words.append(f'--quotatype={shlex.quote(self.quotatype)}')
        if task.num_gpus > 0:
            words.append(f'--gres=gpu:{task.num_gpus}')
        return ' '.join([*words, '-N1', f'-J {shlex.quote(task.name[:NAME])}', command])
