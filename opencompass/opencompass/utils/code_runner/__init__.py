"""Runs programs that a model wrote, each in a process of its own, and says how they ended."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple, cast

Outcome = Literal['pass', 'wrong_answer', 'timeout', 'failed']

SERVER = Path(__file__).with_name('server.py')
#: What programs see of the environment; keys and tokens stay out.
KEPT_VARIABLES = ('PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'LD_LIBRARY_PATH', 'SYSTEMROOT')
#: The same order of sets in every run; no threads by the number of cores, which take memory each.
SET_VARIABLES = {'PYTHONHASHSEED': '0', 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1'}
#: How long a server may take to start, and to answer beyond the time of its program.
PATIENCE = 30


class Limits(NamedTuple):
    """What a program may use: wall time and CPU time, bytes of memory, bytes of each file it writes."""

    seconds: float = 3.0
    memory: int = 2 << 30
    file_size: int = 16 << 20


USUAL = Limits()


def run_programs(programs: Sequence[Sequence[str]], limits: Limits = USUAL) -> list[Outcome]:
    """How each program ends: 'wrong_answer' is an AssertionError, 'failed' is any other end before its last statement.

    A program is a list of source texts that run one after another in one module, which is not `__main__`; the last ones
    hold its tests. It has no input, its output is thrown away, and what it leaves behind, processes and files, is
    removed. Several programs run at a time, one a core.

    This is the only way by which the package runs code of models. It stops accidents: a program has the rights of the
    user who runs it. Who evaluates models that may be hostile should run the evaluation in a container.
    """
    if not hasattr(os, 'fork'):
        raise OSError('programs of models are run on Linux and macOS only; on Windows use WSL')
    outcomes: dict[int, Outcome] = {}
    left = iter(enumerate(programs))

    def work(_: int) -> None:
        with contextlib.closing(_Server(limits)) as server:
            for number, program in left:
                outcomes[number] = server.run(program)

    workers = min(_cores(), len(programs))
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        try:
            deque(pool.map(work, range(workers)), maxlen=0)
        finally:
            deque(left, maxlen=0)  # after an interruption no worker begins another program
    return [outcomes[number] for number in range(len(programs))]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


class _NoAnswer(Exception):
    """A server that was killed, or stopped, by its program."""


class _Server:
    """The process that runs one program after another; started anew where a program did away with it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._start()

    def run(self, program: Sequence[str]) -> Outcome:
        """How the program ends. Asked again where there is no answer: the one before may have disturbed the server."""
        for _ in range(2):
            try:
                return cast(Outcome, self._ask(program))
            except _NoAnswer:
                self.close()
                self._start()
        return 'failed'

    def close(self) -> None:
        """End the server; what is left of its programs, too."""
        self.process.kill()
        self.process.communicate()
        while _kill_all_with(self.mark):
            time.sleep(0.01)
        self.folder.cleanup()

    def _start(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix='programs-', ignore_cleanup_errors=True)
        self.mark = secrets.token_hex(16)
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, '-s', str(SERVER), json.dumps(self.limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self.folder.name,
            env={**kept, **SET_VARIABLES, 'OPENCOMPASS_PROGRAMS': self.mark},
            start_new_session=True,
        )
        try:
            works = self._ask([]) == 'pass'
        except _NoAnswer:
            works = False
        if not works:
            self.process.kill()
            told = self.process.stderr.read().decode(errors='replace') if self.process.stderr else ''
            self.close()
            raise RuntimeError(f'{sys.executable} cannot run even an empty program within {self.limits}. {told}')

    def _ask(self, program: Sequence[str]) -> str:
        """The server's answer; lines that are not headed by the question's number are the program's doing."""
        assert self.process.stdin is not None and self.process.stdout is not None
        number = secrets.token_hex(8)
        try:
            self.process.stdin.write(json.dumps({'number': number, 'program': list(program)}).encode() + b'\n')
        except BrokenPipeError:
            raise _NoAnswer from None
        until = time.monotonic() + 2 * self.limits.seconds + PATIENCE
        said = b''
        while select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
            chunk = self.process.stdout.read(4096)
            if not chunk:
                break
            said += chunk
            for line in said.split(b'\n')[:-1]:
                if line.startswith(number.encode()):
                    return line.split()[1].decode()
        raise _NoAnswer


def _kill_all_with(mark: str) -> int:
    """Kill the processes below a server that has the mark in its environment; how many there were."""
    killed = 0
    for file in Path('/proc').glob('[0-9]*/environ'):
        with contextlib.suppress(OSError):
            if mark.encode() in file.read_bytes():
                os.kill(int(file.parent.name), signal.SIGKILL)
                killed += 1
    return killed
