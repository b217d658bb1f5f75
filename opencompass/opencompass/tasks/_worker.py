"""A task's process that does further tasks of the same kind, so that imports and the model are there for them.

The runner names a socket in the environment. A process whose task went well connects to it, tells its number, and is
sent the next task: two file names as JSON, and the open log. A process whose task failed ends as it would without all
this, which is how the runner learns of it; so does one that dies. The others end when the runner closes the connection.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ..utils import progress

#: Names the socket of the runner.
VARIABLE = 'OPENCOMPASS_WORKER'
#: Most bytes of a request.
SIZE = 65536


class Order(NamedTuple):
    """A task for a process that is there: its config file and its progress file."""

    config: str
    progress: str

    def send(self, connection: socket.socket, log: int) -> None:
        """To the process, with the open log."""
        socket.send_fds(connection, [json.dumps(self).encode()], [log])


def work(do: Callable[[str], None], config: str, address: str) -> None:
    """Do the task of a config file, and then what the runner at this address sends."""
    _apart(do, config)
    with socket.socket(socket.AF_UNIX) as runner:
        try:
            runner.connect(address)
        except OSError:  # it has gone
            return
        _tell(runner)
        while (order := _received(runner)) is not None:
            progress.start(order.progress)
            _apart(do, order.config)
            _tell(runner)


def _apart(do: Callable[[str], None], config: str) -> None:
    """A task that leaves nothing behind for the next one."""
    with _as_before():
        do(config)


@contextmanager
def _as_before() -> Iterator[None]:
    """After the body the folder, the environment, the places of imports and the filters of warnings are what they were.
    What the body raises ends the process, so that it does not matter then."""
    folder, environment, places = Path.cwd(), dict(os.environ), [*sys.path]
    with warnings.catch_warnings():
        yield
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = places


def _tell(runner: socket.socket) -> None:
    """Say that the task is done, and write nothing more into its log."""
    _flush()
    with Path(os.devnull).open('w') as nowhere:
        _write_to(nowhere.fileno())
    with suppress(OSError):  # the runner has gone, which the next reading shows
        runner.sendall(str(os.getpid()).encode())


def _received(runner: socket.socket) -> Order | None:
    """The next task, with its log in place of the output; None when there is none."""
    try:
        text, logs, _, _ = socket.recv_fds(runner, SIZE, 1)
    except (OSError, KeyboardInterrupt):
        return None
    if not text:
        return None
    for log in logs:
        _write_to(log)
        os.close(log)
    return Order(*json.loads(text))


def _write_to(file: int) -> None:
    """Output and errors go to an open file from here on, those of C libraries, too."""
    os.dup2(file, 1)
    os.dup2(file, 2)


def _flush() -> None:
    """Write out what Python and C hold back."""
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).fflush(None)
