"""Which GPUs and cores tasks may use, and which are in use."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = 'CUDA_VISIBLE_DEVICES'


def visible() -> list[str]:
    """The GPUs of this process: `CUDA_VISIBLE_DEVICES` as given (numbers or UUIDs, each once), else what nvidia-smi
    lists."""
    given = os.environ.get(VARIABLE)
    if given is not None:
        names = [name.strip() for name in given.split(',') if name.strip()]
        usable = names[: names.index('-1')] if '-1' in names else names
        return sorted(dict.fromkeys(usable), key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0))
    return [str(number) for number in range(_detected())]


def _detected() -> int:
    """Number of GPUs of the machine, without importing torch."""
    if shutil.which('nvidia-smi') is None:
        return 0
    try:
        listed = subprocess.run(['nvidia-smi', '--list-gpus'], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith('GPU ') for line in listed.stdout.splitlines())


def require(wanted: int, available: int, task: str) -> None:
    """Refuse a task that would wait for GPUs for ever."""
    if wanted > available:
        raise ValueError(
            f'{task} needs {wanted} GPUs (run_cfg.num_gpus) and {available} are visible; '
            f'set {VARIABLE} to more, lower num_gpus, or use num_gpus=0 to run on the CPU'
        )


class Slots:
    """Hands out GPUs or cores by name, the first free ones of the list."""

    def __init__(self, names: list[str]) -> None:
        self.size = len(names)
        self.order = names
        self.free = list(names)
        self.changed = threading.Condition()

    @contextmanager
    def take(self, wanted: int) -> Iterator[list[str]]:
        """Wait for so many and hold them for the body."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.free) >= wanted)
            taken, self.free = self.free[:wanted], self.free[wanted:]
        try:
            yield taken
        finally:
            with self.changed:
                self.free = [name for name in self.order if name in self.free or name in taken]
                self.changed.notify_all()
