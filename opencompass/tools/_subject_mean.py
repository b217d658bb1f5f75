"""The mean score of the data sets of a benchmark, from the CSV of a summary."""

from __future__ import annotations

import argparse
import csv
import math
import sys
from pathlib import Path
from typing import Any

#: Metrics of rows that are means of other rows.
GROUP_METRICS = ('naive_average', 'weighted_average')


def run(benchmark: str) -> None:
    """Print the table's shape and rows, and the scores of rows whose `dataset` contains the name, and their mean."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--path', type=str, help='summary CSV of a run, such as RUN/summary/summary_TIME.csv')
    parser.add_argument('--key', type=str, help='column of the scores: the abbreviation of the model')
    args = parser.parse_args()
    if args.path is None or args.key is None:
        raise ValueError('give --path SUMMARY.csv and --key MODEL')
    rows = read(Path(args.path), args.key)
    print((len(rows), len(rows[0]) if rows else 0))
    for row in rows:
        print(row)
    scored = [row for row in rows if benchmark in row['dataset'] and has_score(row, args.key)]
    scores = [float(row[args.key]) for row in scored]
    print(f'score: {scores}, sum: {sum(scores)}, length: {len(scores)}')
    if not scores:
        raise ValueError(f'{args.path} has no row with {benchmark!r} in `dataset` and a number in {args.key!r}')
    mean = sum(scores) / len(scores)
    print(f'average score: {mean}')
    single = [float(row[args.key]) for row in scored if row.get('metric') not in GROUP_METRICS]
    if single and not math.isclose(mean, sum(single) / len(single)):
        print(f'average score without rows that are averages themselves: {sum(single) / len(single)}')


def read(path: Path, key: str) -> list[dict[str, Any]]:
    """The rows by column; a column of numbers alone as numbers."""
    with path.open(encoding='utf-8-sig', newline='') as file:
        table = csv.DictReader(file)
        columns = list(table.fieldnames or [])
        rows: list[dict[str, Any]] = list(table)
    missing = [one for one in ('dataset', key) if one not in columns]
    if missing:
        raise ValueError(f'{path} has no column {missing[0]!r}; it has {columns}')
    for column in columns:
        for kind in (int, float):
            try:
                values = [kind(row[column]) for row in rows]
            except (TypeError, ValueError):
                continue
            rows = [{**row, column: value} for row, value in zip(rows, values, strict=True)]
            break
    return rows


def has_score(row: dict[str, Any], key: str) -> bool:
    """Whether the cell is a number. What holds the reason for a missing one, `- (killed)`, is told."""
    try:
        float(row[key])
    except (TypeError, ValueError):
        if row[key] != '-':
            print(f'left out: {row["dataset"]}: {row[key]}', file=sys.stderr)
        return False
    return True
