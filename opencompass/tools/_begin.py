"""What every script here begins with: the package beside this folder is found, and errors are shown for a person.

Its name sorts before those of the other modules, so that it is imported before them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from opencompass.utils import Menu, failures  # noqa: E402

RULER = '-' * 100


def begin(main: Callable[[], int | None]) -> None:
    """Run the script; the process ends with the exit code that `main` gives, if it is not 0."""
    sys.excepthook = failures.show
    if code := main():
        sys.exit(code)


def choose(lists: list[list[str]], prompts: list[str], otherwise: str) -> list[str]:
    """What a person chooses from each list. `otherwise` says what to do where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ValueError(f'the menu needs a terminal; without one {otherwise}')
    return Menu(lists, prompts).run()
