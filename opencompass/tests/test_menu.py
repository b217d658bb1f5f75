"""The menu in a real (pseudo) terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from project import RUN
from terminal import DOWN, ENTER, INTERRUPT, used

from opencompass.utils import Menu

UP, PAGE_DOWN = '\x1bOA', '\x1b[6~'


def asked(lists: str) -> list[str]:
    """The command that shows a menu and then prints the choices."""
    code = f'import sys; sys.path.insert(0, {str(RUN.parent)!r}); from opencompass.utils import Menu; '
    return [sys.executable, '-c', f'{code}print("chosen", Menu({lists}).run())']


@pytest.mark.slow
def test_a_list_without_a_prompt_is_asked_for_too(tmp_path: Path) -> None:
    command = asked("[['alpha', 'beta'], ['gamma', 'delta']], ['First?']")
    steps = [('First?', DOWN), ('beta', ENTER), ('Please make a selection:', DOWN + ENTER)]
    code, shown = used(tmp_path, command, *steps)
    assert (code, shown.split('chosen ')[1].strip()) == (0, "['beta', 'delta']")


@pytest.mark.slow
def test_a_list_longer_than_the_screen_can_be_paged_to_its_end_and_back(tmp_path: Path) -> None:
    command = asked("[[f'item {number}' for number in range(30)]]")
    steps = [('item 20', PAGE_DOWN), ('item 22', PAGE_DOWN), ('item 29', UP + UP + ENTER)]
    code, shown = used(tmp_path, command, *steps)
    assert (code, shown.split('chosen ')[1].strip()) == (0, "['item 27']")


@pytest.mark.slow
def test_a_name_wider_than_the_screen_is_cut_and_still_given_whole(tmp_path: Path) -> None:
    code, shown = used(tmp_path, asked("[['x' * 300]]"), ('xxx', ENTER))
    menu, chosen = shown.split('chosen ')
    assert (code, menu.count('x'), chosen.strip()) == (0, 119, str(['x' * 300]))


@pytest.mark.slow
def test_ctrl_c_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    code, shown = used(tmp_path, asked("[['alpha']]"), ('alpha', INTERRUPT))
    assert code != 0
    assert '\x1b[?1049l' in shown, 'the screen before the menu does not come back'
    assert 'KeyboardInterrupt' in shown.split('\x1b[?1049l')[1]


def test_an_empty_list_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(ValueError, match='needs something to choose from in every list'):
        Menu([['alpha'], []])
