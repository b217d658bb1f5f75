"""Ending what was started."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_children(futures: Sequence[Future]) -> None:
    """End the processes that threads wait for, those that are just being started, too, until all threads are done.

    A second Ctrl-C does not cut this short: it would leave processes behind.
    """
    with _deaf():
        while not all(future.done() for future in futures):
            _end_all()
            time.sleep(0.1)


@contextmanager
def _deaf() -> Iterator[None]:
    """Signals do nothing in the body; only the main thread can say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_all() -> None:
    """End all processes below this one, gently and then not."""
    import psutil

    children = psutil.Process().children(recursive=True)
    for child in children:
        child.terminate()
    _, alive = psutil.wait_procs(children, timeout=5)
    for child in alive:
        child.kill()
