"""Processes that stay after their task for more of the same kind."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from ..tasks._worker import VARIABLE, Order

#: How often it is looked whether a process that says nothing is still there.
SECONDS = 0.1
#: How long a process may take to end once it has nothing to do.
PATIENCE = 10
#: Characters of a folder in which sockets can have names: with the name at most 107 bytes, on macOS 103.
LONGEST = 90

#: Runs the command of a task, with more variables in its environment, to its end; gives the exit code.
Start = Callable[..., int]


class Place(NamedTuple):
    """What a task needs and where it runs. One process can do tasks of one kind; '' is none, and needs its own."""

    kind: str
    gpus: tuple[str, ...]


class Worker:
    """The process of a task that was started. It may end with its task; else it stays, and can be given another.

    Args:
        address: where it finds its runner.
        log: of its first task. The command writes there on its own account, as torchrun does, as long as it lives.
    """

    def __init__(self, place: Place, address: Path, start: Start, log: IO[str]) -> None:
        self.place, self.first_log = place, Path(log.name)
        self.process: int | None = None
        self.connection: socket.socket | None = None
        self.door = socket.socket(socket.AF_UNIX)
        self.door.settimeout(SECONDS)
        self.door.bind(str(address))
        self.door.listen(1)
        thread = ThreadPoolExecutor(1)
        self.exit: Future[int] = thread.submit(start, **{VARIABLE: str(address)})
        thread.shutdown(wait=False)

    def do(self, order: Order, log: IO[str]) -> int | None:
        """Have a further task done; a ConnectionError where the process is no more."""
        assert self.connection is not None, 'it has done a task'
        size = self.first_log.stat().st_size
        order.send(self.connection, log.fileno())
        code = self.outcome()
        if code is not None:
            self._move_last_words(size, log)
        return code

    def outcome(self) -> int | None:
        """Wait for the end of a task: the exit code, or None where it went well and the process stays."""
        while not self.exit.done():
            try:
                if self.connection is None:
                    self.connection, _ = self.door.accept()
                    self.connection.settimeout(SECONDS)
                said = self.connection.recv(64)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if not said:
                break
            self.process = int(said)
            return None
        self.close()
        return self.exit.result()

    def _move_last_words(self, size: int, log: IO[str]) -> None:
        """What the command has written since the first log had this size, into the log of the task that it is about."""
        with self.first_log.open('rb+') as first:
            first.seek(size)
            text = first.read()
            first.truncate(size)
        log.write(text.decode('utf-8', 'replace'))
        log.flush()

    def end(self) -> None:
        """Have the process end, and wait until it has."""
        self.close()
        if not wait([self.exit], PATIENCE).done and self.process is not None:
            _kill(self.process)
            wait([self.exit], PATIENCE)

    def close(self) -> None:
        """Hear and say nothing more."""
        self.door.close()
        if self.connection is not None:
            self.connection.close()


class Workers:
    """The processes that stay, each as long as tasks of its kind are still to be started and nothing else needs its
    place.

    Args:
        kinds: the kind of each task that is to be run.
    """

    def __init__(self, kinds: Iterable[str], folder: Path) -> None:
        self.left = Counter(filter(None, kinds))
        self.folder = folder
        self.numbers = count()
        self.free: list[Worker] = []
        self.lock = threading.Lock()

    def run(self, place: Place, start: Start, order: Order, log: IO[str]) -> int:
        """Have a task done by a process that is there, or start one; the exit code. `start` without variables starts a
        process that does not stay."""
        with self.lock:
            self.left[place.kind] -= 1
        worker = self._taken(place)
        if worker is not None:
            with suppress(ConnectionError):
                return self._finished(worker, worker.do(order, log))
            worker.end()  # it died while nobody looked
        if self.left[place.kind] < 1:
            return start()
        worker = Worker(place, self.folder / str(next(self.numbers)), start, log)
        return self._finished(worker, worker.outcome())

    def _taken(self, place: Place) -> Worker | None:
        """A free process for the place. Those that stand in the way of a task there are ended."""
        with self.lock:
            found = next((one for one in self.free if one.place == place), None)
            others = [one for one in self.free if one is not found and self._is_in_the_way(one, place)]
            self.free = [one for one in self.free if one is not found and one not in others]
        for one in others:
            one.end()
        return found

    def _is_in_the_way(self, worker: Worker, place: Place) -> bool:
        """On GPUs of the place; of another kind in the memory of the machine; or without a task to come."""
        if self.left[worker.place.kind] < 1:
            return True
        if worker.place.gpus or place.gpus:
            return not {*worker.place.gpus}.isdisjoint(place.gpus)
        return worker.place.kind != place.kind

    def _finished(self, worker: Worker, code: int | None) -> int:
        """The exit code of its task; a process that is there still is kept if there is more to do."""
        if code is not None:
            return code
        with self.lock:
            is_needed = self.left[worker.place.kind] > 0
            if is_needed:
                self.free.append(worker)
        if not is_needed:
            worker.end()
        return 0

    def end(self) -> None:
        """End all that are there, all at once."""
        for one in self.free:
            one.close()
        for one in self.free:
            one.end()


@contextmanager
def workers(kinds: Iterable[str]) -> Iterator[Workers]:
    """For the tasks of the body, whose kinds these are. None stays where TMPDIR is too long for names of sockets."""
    with TemporaryDirectory(prefix='opencompass_') as folder:
        found = Workers(kinds if len(folder) < LONGEST else [], Path(folder))
        try:
            yield found
        finally:
            found.end()


def _kill(process: int) -> None:
    """A process and those below it."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        found = psutil.Process(process)
        for one in [*found.children(recursive=True), found]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
