"""Draws the JSON files of the benchmarks into one picture: processor seconds of every runner, and how many times
ours they are.

pip install -r benchmarks/requirements.txt
python benchmarks/plot.py scoring.json generation.json --out benchmarks/results.png
"""

from __future__ import annotations

import argparse
import json
from itertools import groupby
from pathlib import Path
from typing import Any

OURS = 'this package'
#: By the beginning of a runner's name.
COLOURS = {OURS: '#0a7d5a', 'its': '#9aa5b1', 'transformers': '#b58a9e', 'lm-eval': '#c7a76c', 'opencompass': '#6d8fb3'}
INK = '#1b1f24'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', nargs='+', type=Path, help='what the benchmarks wrote with --json')
    parser.add_argument('--out', type=Path, default=Path(__file__).parent / 'results.png')
    args = parser.parse_args()
    found = [json.loads(file.read_text(encoding='utf-8')) for file in args.files]
    rows = [row for one in found for row in one['rows'] if 'prompts only' not in row['task']]
    tasks = [(task, list(group)) for task, group in groupby(rows, key=lambda row: row['task'])]
    draw(tasks, found[0]['settings'], args.out)


def draw(tasks: list[tuple[str, list[dict]]], settings: dict, out: Path) -> None:
    """A panel for each task, its on a logarithmic scale."""
    import matplotlib

    matplotlib.use('Agg')
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {'font.size': 11, 'text.color': INK, 'axes.labelcolor': INK, 'xtick.color': INK, 'ytick.color': INK}
    )
    heights = [len(rows) for _, rows in tasks]
    figure, panels = plt.subplots(
        len(tasks), 1, figsize=(10, 0.34 * sum(heights) + 0.75 * len(tasks) + 0.6), height_ratios=heights, squeeze=False
    )
    for panel, (task, rows) in zip(panels[:, 0], tasks, strict=True):
        bars(panel, task, rows)
    panels[-1, 0].set_xlabel('processor seconds of all cores (logarithmic)')
    figure.suptitle(
        f'Processor seconds for the same work: random Llama of {settings["model_size"].upper()}, single precision, '
        f'CPU threads: {settings["threads"]}',
        fontsize=13,
        fontweight='bold',
    )
    figure.tight_layout(rect=(0, 0, 1, 0.99))
    figure.savefig(out, dpi=110, facecolor='white')


def bars(panel: Any, task: str, rows: list[dict]) -> None:
    """A bar for each runner, with its processor seconds, and how many times ours these are, written at its end."""
    ours = next(row for row in rows if row['runner'] == OURS)
    names = [row['runner'] for row in rows]
    seconds = [row['cpu_seconds'] for row in rows]
    colours = [colour for name in names for start, colour in COLOURS.items() if name.startswith(start)]
    panel.barh(names, seconds, color=colours)
    for place, row in enumerate(rows):
        ratio = '' if row is ours else f'   {row["cpu_seconds"] / ours["cpu_seconds"]:.1f}x'
        panel.text(
            row['cpu_seconds'] * 1.06, place, f'{row["cpu_seconds"]:.3g} s{ratio}', va='center', fontweight='bold'
        )
    panel.set_title(task, loc='left', fontsize=12, fontweight='bold')
    panel.set_xscale('log')
    panel.xaxis.set_major_formatter('{x:g}')
    panel.xaxis.set_minor_formatter('')
    panel.set_xlim(min(seconds) / 3, max(seconds) * 6)
    panel.invert_yaxis()
    panel.spines[['top', 'right']].set_visible(False)


if __name__ == '__main__':
    main()
