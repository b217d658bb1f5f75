"""The benchmark of tigerbot-nano: rows held out from training, and their prompt layouts."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import nano_data
import nano_tasks as tasks
from nano_data import LETTERS, SHOTS

CHOICE_ROWS = 80
CLAIM_ROWS = 80
OPEN_ROWS = 50
CHOICE = nano_data.MULTIPLE_CHOICE | {'control': tasks.control}
OPEN = {
    'addition': (tasks.addition,),
    'sorting': (tasks.sorting,),
    'facts_open': (tasks.fact_en,),
    'instruct': (tasks.addition, tasks.comparison, tasks.sorting, tasks.neighbour, tasks.fact_en, tasks.fact_zh),
}
CLAIMS = 'statements'


def distinct(make: Callable[[int], dict], count: int, columns: Iterable[str]) -> list[dict]:
    """Rows made by `make(number of rows so far)` that differ in the given columns."""
    rows, seen, tries = [], set(), 0
    while len(rows) < count:
        row = make(len(rows))
        content = tuple(sorted(row[column] for column in columns))
        tries += 1
        if content not in seen:
            seen.add(content)
            rows.append(row)
        elif tries > 1000 * count:
            raise ValueError(f'only {len(rows)} different held-out rows for {count}: lower the number of rows')
    return rows


def held_out(make: Callable[[random.Random], tasks.Item], rng: random.Random) -> tasks.Item:
    """An item of the benchmark: held out, or of the control subject, all of which is."""
    return make(rng) if make is tasks.control else tasks.draw(make, rng, held_out=True)


def choice_rows(subject: str, rng: random.Random) -> list[dict]:
    """Multiple-choice rows in which every letter is the answer equally often."""

    def make(number: int) -> dict:
        item = held_out(CHOICE[subject], rng)
        row = nano_data.choice_row(item, rng)
        while row['answer'] != LETTERS[number % len(LETTERS)]:
            row = nano_data.choice_row(item, rng)
        return row

    return distinct(make, SHOTS + CHOICE_ROWS, ('question', *LETTERS))


def open_rows(subject: str, rng: random.Random) -> list[dict]:
    """Questions with their answers as text; the kinds of a mixed subject take turns."""

    def make(number: int) -> dict:
        item = held_out(OPEN[subject][number % len(OPEN[subject])], rng)
        return {'question': item.question, 'answer': item.answer}

    return distinct(make, SHOTS + OPEN_ROWS, ('question',))


def claim_rows(rng: random.Random) -> list[dict]:
    """Statements, half of them true."""

    def make(number: int) -> dict:
        claim = tasks.draw(tasks.claim, rng, held_out=True)
        return {'statement': (claim.false, claim.true)[number % 2], 'answer': ('No', 'Yes')[number % 2]}

    return distinct(make, SHOTS + CLAIM_ROWS, ('statement',))


def benchmark(seed: int) -> dict[str, list[dict]]:
    """All benchmark files by name (without '.jsonl'): `SUBJECT_dev` with five rows and `SUBJECT_test`."""
    rows = {subject: choice_rows(subject, random.Random(f'{subject} {seed}')) for subject in CHOICE}
    rows |= {subject: open_rows(subject, random.Random(f'{subject} {seed}')) for subject in OPEN}
    rows[CLAIMS] = claim_rows(random.Random(f'{CLAIMS} {seed}'))
    files = {}
    for subject, made in rows.items():
        files[f'{subject}_dev'] = made[:SHOTS]
        test = made[SHOTS:]
        files[f'{subject}_test'] = random.Random(f'order {seed}').sample(test, len(test))
    return files


def write(folder: Path, seed: int) -> None:
    """Write the benchmark as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in benchmark(seed).items():
        lines = [json.dumps(row, ensure_ascii=False) + '\n' for row in rows]
        (folder / f'{name}.jsonl').write_text(''.join(lines), encoding='utf-8')


def read(folder: Path, name: str) -> list[dict]:
    """The rows of one benchmark file."""
    return [json.loads(line) for line in (folder / f'{name}.jsonl').read_text(encoding='utf-8').splitlines()]


def prompt(row: dict, subject: str) -> str:
    """A row in its layout, up to the answer."""
    if subject == CLAIMS:
        return nano_data.claim_prompt(row['statement'])
    return nano_data.open_prompt(row['question'], subject)


def answer(row: dict, subject: str) -> str:
    """The right answer of a row, as text."""
    return row[row['answer']] if subject in CHOICE else row['answer']


def few_shot(dev: list[dict], row: dict, subject: str) -> str:
    """The five examples with their answers and the row without, separated by one newline."""
    examples = ''.join(f'{prompt(example, subject)} {answer(example, subject)}\n' for example in dev)
    return examples + prompt(row, subject)
