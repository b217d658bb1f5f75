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
    """Hands out GPUs or cores by name: first come, first served; the first free ones of the list.

    A process may stay on what it was given, for more work of its kind. So names go again to the kind that had them
    last, and of those who wait one of that kind goes before others.
    """

    def __init__(self, names: list[str]) -> None:
        self.size = len(names)
        self.order = names
        self.free = list(names)
        self.waiting: list[_Wish] = []
        self.last: dict[str, str] = {}
        self.changed = threading.Condition()

    @contextmanager
    def take(self, wanted: int, kind: str = '') -> Iterator[list[str]]:
        """Wait for so many and hold them for the body. Work without a kind leaves no process behind."""
        wish = _Wish(wanted, kind)
        with self.changed:
            self.waiting.append(wish)
            try:
                self.changed.wait_for(lambda: self._next() is wish)
            finally:
                self.waiting.remove(wish)
            taken = self._best(wish)
            self.free = [name for name in self.free if name not in taken]
            self.last.update(dict.fromkeys(taken, kind))
            self.changed.notify_all()
        try:
            yield taken
        finally:
            with self.changed:
                self.free = [name for name in self.order if name in self.free or name in taken]
                self.changed.notify_all()

    def _next(self) -> _Wish | None:
        """Of the waiting that can be served now the first that gets what its kind had last, else the first."""
        served = [wish for wish in self.waiting if wish.wanted <= len(self.free)]
        at_home = (wish for wish in served if all(self._is_home(name, wish) for name in self._best(wish)))
        return next(at_home, served[0] if served else None)

    def _best(self, wish: _Wish) -> list[str]:
        """What to give: names that the kind had last, then those on which nothing stays, then others."""
        ranked = sorted(self.free, key=lambda name: (not self._is_home(name, wish), bool(self.last.get(name))))
        return sorted(ranked[: wish.wanted], key=self.order.index)

    def _is_home(self, name: str, wish: _Wish) -> bool:
        return bool(wish.kind) and self.last.get(name) == wish.kind


class _Wish:
    """So many names for work of a kind; each is one of its own, equal or not."""

    def __init__(self, wanted: int, kind: str) -> None:
        self.wanted, self.kind = wanted, kind
