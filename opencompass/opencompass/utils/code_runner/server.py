"""Runs programs, one after another, each in a child process. As a script: `python server.py LIMITS < QUESTIONS`.

Only the standard library is imported, so that a child is made in a millisecond. The child has its limits set before it
compiles anything. That the last statement of a program was passed is told by a pipe, with a token that is new for each
program; nothing that a program prints, no exit code and no exception tells it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import os
import resource
import secrets
import select
import signal
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import NoReturn

TOKEN_SIZE = 16
#: Seconds between two looks at a program that says nothing, and processes that it may have then.
LOOK, MOST_PROCESSES = 0.05, 64
#: Modules that programs often import: in a child they are there already.
COMMON = ('bisect', 'collections', 'copy', 'datetime', 'functools', 'heapq', 'itertools', 're', 'string', 'typing')
SET_DEATH_SIGNAL, SET_SUBREAPER = 1, 36
NOT_YET = (0, 0)
LIBC = ctypes.CDLL(None)


def main(seconds: float, memory: int, file_size: int) -> None:
    """Answer the questions on stdin, {'number': ..., 'program': [source, ...]}, a line each: NUMBER OUTCOME."""
    del sys.path[0]  # the folder of this file
    for name in COMMON:
        __import__(name)
    _prctl(SET_SUBREAPER, 1)  # processes that a program leaves behind become children of this one
    limits = {
        resource.RLIMIT_CPU: math.ceil(seconds) + 1,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_CORE: 0,
    }
    questions, answers = os.fdopen(os.dup(0), 'r'), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    for line in questions:
        asked = json.loads(line)
        outcome = _outcome(asked['program'], seconds, limits, (questions.fileno(), answers))
        os.write(answers, f'{asked["number"]} {outcome}\n'.encode())


def _outcome(program: list[str], seconds: float, limits: dict[int, int], private: tuple[int, ...]) -> str:
    """How the program ends. One that passes runs once more with a test that fails: what passes then, too, forges."""
    outcome = _attempt(program, seconds, limits, private)
    if outcome == 'pass' and _attempt([*program, 'assert False'], seconds, limits, private) == 'pass':
        return 'failed'
    return outcome


def _attempt(program: list[str], seconds: float, limits: dict[int, int], private: tuple[int, ...]) -> str:
    """How the program ends, run in a child and a folder of its own; both are gone afterwards."""
    token = secrets.token_bytes(TOKEN_SIZE)
    reading, writing = os.pipe()
    leave = os._exit
    with tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True) as folder:
        child = os.fork()
        if not child:
            try:
                _confine(folder, limits, (*private, reading))
                _run(program, token, writing)
            finally:
                leave(1)
        os.close(writing)
        try:
            return _awaited(child, reading, token, seconds)
        finally:
            os.close(reading)
            _end(child)


def _confine(folder: str, limits: dict[int, int], private: tuple[int, ...]) -> None:
    """Put this process into its own session and folder, within the limits, away from what is this program's."""
    os.setsid()
    _prctl(SET_DEATH_SIGNAL, signal.SIGKILL)
    for number in private:
        os.close(number)
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder)
    tempfile.tempdir = None
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit of the address space
            resource.setrlimit(kind, (most, most + 1))


def _run(program: list[str], token: bytes, report: int) -> NoReturn:
    """Run the program and report: what it does to builtins and modules does not reach what this function holds."""
    run, write, leave = exec, os.write, os._exit
    outcome = b'failed'
    try:
        module = types.ModuleType('program')
        sys.modules['program'] = sys.modules['__main__'] = module
        codes = [compile(source, '<program>', 'exec', dont_inherit=True, optimize=0) for source in program]
        for code in codes:
            run(code, module.__dict__)
        outcome = b'pass'
    except AssertionError:
        outcome = b'wrong_answer'
    except BaseException:
        pass
    finally:
        try:
            write(report, token + outcome)
        finally:
            leave(0)


def _awaited(child: int, reading: int, token: bytes, seconds: float) -> str:
    """What the child reports before its time is up; without a report it failed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)  # asked first: what an ended child reported can be read then
        if select.select([reading], [], [], 0 if ended else min(LOOK, max(0, until - time.monotonic())))[0]:
            said = os.read(reading, select.PIPE_BUF)
            if said:
                return {token + b'pass': 'pass', token + b'wrong_answer': 'wrong_answer'}.get(said, 'failed')
            time.sleep(LOOK / 50)  # it has closed its end, or is about to end
        if ended:
            is_late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
            return 'timeout' if is_late else 'failed'
        if len(_descendants()) > MOST_PROCESSES:
            return 'failed'
    return 'timeout'


def _end(child: int) -> None:
    """Kill the child and all that came from it, and wait until they are gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG) == NOT_YET:
                _kill_descendants()


def _kill_descendants() -> None:
    for one in _descendants():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, signal.SIGKILL)
    time.sleep(LOOK / 50)


def _descendants() -> list[int]:
    """All processes below this one; none where there is no /proc, and no way to become the parent of orphans either."""
    children: dict[int, list[int]] = {}
    for file in Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError):
            parent = int(file.read_text(errors='replace').rpartition(')')[2].split()[1])
            children.setdefault(parent, []).append(int(file.parent.name))
    found = list(children.get(os.getpid(), ()))
    for one in found:
        found += children.get(one, ())
    return found


def _prctl(option: int, value: int) -> None:
    """Linux's prctl; nothing elsewhere."""
    if sys.platform == 'linux':
        LIBC.prctl(option, value, 0, 0, 0)


if __name__ == '__main__':
    main(*json.loads(sys.argv[1]))
