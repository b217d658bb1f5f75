"""A program in a pseudo terminal, used as a person does: wait for what is shown, then press keys."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time
from pathlib import Path

SECONDS = 60
INTERRUPT, END, UP = '\x03', '\x04', '\x1b[A'


class Person:
    """Somebody at a terminal of 80 columns."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._terminal, theirs = pty.openpty()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C reaches it
            env={**os.environ, 'TERM': 'xterm', 'COLUMNS': '80', 'LINES': '24', 'OMP_NUM_THREADS': '1'},
        )
        os.close(theirs)
        #: All that was shown.
        self.shown = ''
        self._seen = 0

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._terminal)

    def sees(self, text: str) -> str:
        """Wait for a text; gives what is shown up to its end since the last call."""
        end = time.monotonic() + SECONDS
        while text not in self.shown[self._seen :]:
            assert time.monotonic() < end, f'{text!r} is not shown: {self.shown[self._seen :]!r}'
            assert self._read(), f'the program ended without {text!r}: {self.shown!r}'
        start, self._seen = self._seen, self.shown.index(text, self._seen) + len(text)
        return self.shown[start : self._seen]

    def types(self, keys: str) -> None:
        """Press keys, no faster than people do: a line editor shows its prompt a moment before it takes Ctrl-C."""
        time.sleep(0.2)
        os.write(self._terminal, keys.encode())

    def sees_the_end(self) -> tuple[int, str]:
        """Exit code, and what is shown from the last call to the end."""
        while self._read():
            pass
        return self._process.wait(SECONDS), self.shown[self._seen :]

    def _read(self) -> bool:
        """Take what the terminal shows next; false where the program has ended."""
        if not select.select([self._terminal], [], [], SECONDS)[0]:
            return False
        try:
            new = os.read(self._terminal, 65536)
        except OSError:  # how the end of a program is told
            return False
        self.shown += new.decode(errors='replace')
        return bool(new)
