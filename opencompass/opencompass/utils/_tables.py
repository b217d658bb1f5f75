"""The tables of a summary as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from opencompass.utils._scores import Scores

WIDTH = 128
HEAD = ['dataset', 'version', 'metric', 'mode']
DIVIDER = f'\n{"-" * WIDTH} THIS IS A DIVIDER {"-" * WIDTH}\n\n'


def as_table(rows: list[list[str]]) -> str:
    """Aligned columns. Only score columns are read as numbers: a version like 12e004 would become 120000."""
    from tabulate import tabulate

    head, *body = rows
    return tabulate(body, headers=head, disable_numparse=list(range(len(HEAD))) if body else False)


def as_markdown(rows: list[list[str]]) -> str:
    """A table as GitHub shows it."""
    from tabulate import tabulate

    head, *body = [[cell.replace('|', '\\|') for cell in row] for row in rows]
    return tabulate(body, headers=head, tablefmt='github', disable_numparse=True)


def as_csv(rows: list[list[str]]) -> str:
    """Lines of values, quoted where needed, without a line break at the end."""
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows(rows)
    return text.getvalue().rstrip('\n')


def as_raw(scores: Mapping[str, Scores]) -> str:
    """Every result that any model has, as its file says it."""
    abbrs = dict.fromkeys(abbr for one in scores.values() for abbr in one.raw)
    lines: list[str] = []
    for model, one in scores.items():
        lines += ['-' * 31, f'Model: {model}', *(f'{abbr}: {one.raw.get(abbr, {})}' for abbr in abbrs)]
    return '\n'.join(lines)


def report(time_str: str, **parts: Any) -> str:
    """The text file of a summary: named parts between rulers."""
    framed = [f'{name} format\n{"^" * WIDTH}\n{text}\n{"$" * WIDTH}\n' for name, text in parts.items()]
    return f'{time_str}\n{DIVIDER.join(framed)}'
