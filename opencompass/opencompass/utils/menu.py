"""A full-screen menu in the terminal: one choice from each of several lists."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import Any

PROMPT = 'Please make a selection:'
#: What the Enter keys of keyboards send, besides curses.KEY_ENTER.
ENTER = (10, 13)


class Menu:
    """Asks for one item of each list, one list after the other: arrow and page keys move, Enter chooses.

    Args:
        lists: what there is to choose from.
        prompts: the line above each list; PROMPT where there is none.
    """

    def __init__(self, lists: Sequence[Sequence[str]], prompts: Sequence[str] | None = None) -> None:
        if not all(lists):
            raise ValueError(f'a menu needs something to choose from in every list, not {[*lists]}')
        self.lists = lists
        self.prompts = [prompt or PROMPT for prompt, _ in zip_longest(prompts or (), lists)]
        self.choices: list[str] = []

    def run(self) -> list[str]:
        """The chosen item of each list. The terminal is as before afterwards, also after Ctrl-C."""
        import curses

        self.choices = []
        if self.lists:
            curses.wrapper(self._ask_all)
        return self.choices

    def _ask_all(self, screen: Any) -> None:
        import curses

        for adapt in (curses.use_default_colors, lambda: curses.curs_set(0)):
            with suppress(curses.error):  # not every terminal can
                adapt()
        for items, prompt in zip(self.lists, self.prompts, strict=False):
            self.choices.append(_ask(screen, items, prompt))


def _ask(screen: Any, items: Sequence[str], prompt: str) -> str:
    import curses

    chosen = 0
    while True:
        page = max(screen.getmaxyx()[0] - 2, 1)
        _draw(screen, [prompt, *items], chosen + 1, page)
        key = screen.getch()
        if key == -1:
            raise EOFError('the menu waits for a key, but its input is at an end')
        if key in (*ENTER, curses.KEY_ENTER):
            return items[chosen]
        steps = {curses.KEY_UP: -1, curses.KEY_DOWN: 1, curses.KEY_PPAGE: -page, curses.KEY_NPAGE: page}
        chosen = min(max(chosen + steps.get(key, 0), 0), len(items) - 1)


def _draw(screen: Any, lines: Sequence[str], selected: int, page: int) -> None:
    """A page of the lines, centred, the selected one bright: the first page, or that which the selected line ends."""
    import curses

    columns = screen.getmaxyx()[1]
    start = max(selected - page + 1, 0)
    screen.clear()
    for row, number in enumerate(range(start, min(start + page, len(lines))), 1):
        text = lines[number][: columns - 1]
        bright = curses.A_REVERSE if number == selected else curses.A_NORMAL
        with suppress(curses.error):  # a window of a single line has no row 1
            screen.addstr(row, max(columns // 2 - len(text) // 2, 0), text, bright)
    screen.refresh()
