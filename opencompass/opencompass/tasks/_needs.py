"""What a task that loads models needs of its machine, and how it is started there."""

from __future__ import annotations

import random
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..utils.build import model_class

#: Cores that a model on the CPU makes good use of; more are better spent on another task.
CORES = 4


def cores(model_cfgs: Sequence[Any], num_gpus: int) -> int:
    """None where models run on GPUs or elsewhere (an API), so that this machine only waits for them."""
    is_elsewhere = all(getattr(model_class(cfg), 'is_api', False) for cfg in model_cfgs)
    return 0 if num_gpus or is_elsewhere else CORES


def processes(model_cfgs: Sequence[Any]) -> int:
    """`num_procs` of the models, for those that run in more than one process."""
    asked = [(model_class(cfg), cfg.get('run_cfg', {}).get('num_procs', 1)) for cfg in model_cfgs]
    return max(cls.processes(count) if hasattr(cls, 'processes') else count for cls, count in asked)


def command(script: str, cfg_path: str, num_gpus: int, num_procs: int) -> str:
    """Runs a task's script on its config: by torchrun where there are GPUs. Not for a model that starts its own
    processes, which would take torchrun for the one that brings them together, and wait for ever."""
    path = shlex.quote(str(Path(script).resolve()))
    if num_gpus > 0 and num_procs > 0:
        port = random.randint(12000, 32000)
        return f'torchrun --master_port={port} --nproc_per_node {num_procs} {path} {cfg_path}'
    return f'python {path} {cfg_path}'
