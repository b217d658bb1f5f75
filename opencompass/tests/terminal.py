"""A program in a pseudo terminal, used as a person does: look at the screen, then press a key."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from pathlib import Path

#: What the keys of an xterm send.
DOWN, ENTER, INTERRUPT = '\x1bOB', '\r', '\x03'
SECONDS = 60


def used(folder: Path, command: list[str], *steps: tuple[str, str]) -> tuple[int, str]:
    """Exit code and everything shown. A step (text, keys) waits until the text is shown since the keys before it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C reaches it
        env={**os.environ, 'TERM': 'xterm', 'LINES': '24', 'COLUMNS': '120'},
    )
    os.close(theirs)
    try:
        shown = ''
        for text, keys in steps:
            new = ''
            while text not in new:
                new += _read(ours, f'{text!r} was never shown, only:\n{shown}{new}')
            shown += new
            os.write(ours, keys.encode())
        shown += _rest(ours)
        return process.wait(SECONDS), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int, complaint: str) -> str:
    end = time.monotonic() + SECONDS
    while not select.select([terminal], [], [], 0.1)[0]:
        assert time.monotonic() < end, complaint
    try:
        return os.read(terminal, 65536).decode(errors='replace')
    except OSError:  # the program has ended
        raise AssertionError(complaint) from None


def _rest(terminal: int) -> str:
    """What is shown until the program ends."""
    text = b''
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if select.select([terminal], [], [], 0.1)[0]:
                text += os.read(terminal, 65536)
        except OSError:  # it has ended
            break
    return text.decode(errors='replace')
