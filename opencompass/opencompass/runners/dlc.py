"""Tasks as jobs of Aliyun's Deep Learning Containers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..registry import RUNNERS
from ..tasks import BaseTask
from .base import RunnerError
from .cluster import NAME, ClusterRunner

#: What `aliyun_cfg` has to say.
SETTINGS = ('bashrc_path', 'conda_env_name', 'dlc_config_path', 'workspace_id', 'worker_image')
#: The usual names of tasks, `PREFIX[MODEL/DATASET,...]`, with nothing in them that a shell would read.
PLAIN = re.compile(r'[\w.-]+\[[\w@%+=:,.-]+/[\w@%+=:,./-]*\]?')


@RUNNERS.register_module()
class DLCRunner(ClusterRunner):
    """Each task through the command line `dlc`, as a job with one worker.

    Args:
        aliyun_cfg: `bashrc_path` and `conda_env_name` to set up the worker; `dlc_config_path`, `workspace_id` and
            `worker_image` for the job. They become words of shell commands, so that `~` and `$NAME` work in them.
    """

    def __init__(
        self,
        task: Any,
        aliyun_cfg: Mapping[str, Any],
        max_num_workers: int = 32,
        retry: int = 2,
        debug: bool = False,
        lark_bot_url: str | None = None,
    ) -> None:
        super().__init__(task, max_num_workers, retry, debug, lark_bot_url)
        missing = [name for name in SETTINGS if name not in aliyun_cfg]
        if missing:
            raise RunnerError(f'the settings of DLC (--aliyun-cfg, or aliyun_cfg of the runner) lack {missing}')
        self.aliyun_cfg = aliyun_cfg

    def place(self, command: str, task: BaseTask, gpus: list[str]) -> str:
        bashrc, conda, config, workspace, image = (self.aliyun_cfg[name] for name in SETTINGS)
        inside = f'source {bashrc}; conda activate {conda}; cd {shlex.quote(str(Path.cwd()))}; {command}'
        return (
            f'dlc create job --command {shlex.quote(inside)} --name {_quoted(task.name[:NAME])} --kind BatchJob'
            f' -c {config} --workspace_id {workspace} --worker_count 1 --worker_cpu {max(6 * task.num_gpus, 8)}'
            f' --worker_gpu {task.num_gpus} --worker_memory {max(32 * task.num_gpus, 48)}'
            f' --worker_image {image} --interactive'
        )


def _quoted(name: str) -> str:
    """The name as a word of a shell command. Brackets around a slash are no pattern there, and stay as they are."""
    return name if PLAIN.fullmatch(name) else shlex.quote(name)
