"""What is said when all tasks of a runner have ended."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from ..utils.lark import tell
from ..utils.logging import get_logger

Status = list[tuple[str, int]]

#: Most characters of a task's name in a line of the log.
NAME = 300


def shorten(name: str) -> str:
    """A task's name, cut where many data sets make it fill the screen."""
    return name if len(name) <= NAME else f'{name[:NAME]}...'


def report(status: Sequence[tuple[str, int]], kind: str, lark_bot_url: str | None) -> None:
    """Which tasks of a kind failed: to the log, and as a message to the lark robot if there is one."""
    failed = [(name, code) for name, code in status if code != 0]
    for name, code in failed:
        get_logger().error(f'{shorten(name)} failed with code {code}')
    if lark_bot_url:
        tell(lark_bot_url, *_message(len(status) - len(failed), [name for name, _ in failed], kind))


def _message(good: int, failed: list[str], kind: str) -> tuple[str, str]:
    """(text, title); the blank before 's is what robots have always got."""
    user = getpass.getuser()
    if not failed:
        return f"{user}'s {kind} tasks finished. {good} tasks succeeded.", 'Great news: all tasks finished!'
    counts = f'{good} tasks succeeded, {len(failed)} tasks failed.'
    names = '\n'.join(failed)
    return f"{user} 's {kind} tasks finished. {counts} Failed tasks are:\n{names}", f'Bad news: {len(failed)} failed.'
