"""Trains on mixed lengths: this package's scripts, trl's SFTTrainer, and the padded way of the original scripts.

    python benchmarks/bench_training.py [--peers FOLDER] [--model-size 110m] [--only SFT] [--json FILE]

Everybody trains the same random Llama in single precision on the CPU for one epoch over the same tokens, with the same
batches, optimizer and threads, in a process of its own. They take turns, and of several runs the quickest stands. The
first step of each run warms up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from peers import HERE, interpreter, run  # noqa: E402
from report import OURS, aligned, write  # noqa: E402
from training_data import Task, tasks  # noqa: E402
from training_peer import Job, Trained  # noqa: E402
from workload import SIZES, checkpoint  # noqa: E402

TRL = 'trl'
PADDED = 'the padded way'


class Runner(NamedTuple):
    """Who trains, and how: in how many parts a batch goes through the model, how examples are packed."""

    name: str
    splits: int = 1
    strategy: str = 'bfd'
    #: Whether documents of a row see each other, which is another loss.
    is_mixing: bool = False

    @property
    def driver(self) -> Path:
        return HERE / {OURS: 'trainer_ours.py', PADDED: 'trainer_padded.py', TRL: 'peer_trl.py'}[self.name]


class Row(NamedTuple):
    """A runner's work on a task. `memory` is in bytes, `loss` the mean of all learned tokens of the epoch."""

    task: str
    runner: str
    forwarded: int
    padding: int
    seconds: float
    cpu_seconds: float
    memory: int
    loss: float
    agreement: str

    @property
    def real(self) -> int:
        return self.forwarded - self.padding


def main(argv: Sequence[str] | None = None) -> None:
    args = flags(argv)
    from transformers.utils import logging

    logging.disable_progress_bar()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = checkpoint(args.model_size, folder / 'model')
        for task in tasks(args.model_size, args.examples, args.max_length, model, folder):
            for is_packed in (True, False):
                title = f'{task.name}, {"packed" if is_packed else "not packed"}'
                if args.only in title:
                    found = compared(title, job(args, task, is_packed, folder), args)
                    rows += found
                    print(table(found), flush=True)
    if not rows:
        sys.exit(f'error: no task has {args.only!r} in its name')
    if args.json:
        names = ('model_size', 'examples', 'max_length', 'batch', 'threads', 'repeats')
        write(args.json, {name: getattr(args, name) for name in names}, rows)


def flags(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model-size', choices=list(SIZES), default='15m', help='random Llama (default: 15m)')
    parser.add_argument('--examples', type=int, default=96, help='of each task (default: 96)')
    parser.add_argument('--max-length', type=int, default=512, help='of an example, and of a row (default: 512)')
    parser.add_argument('--batch', type=int, default=8, help='rows or examples of a step (default: 8)')
    parser.add_argument('--threads', type=int, default=1, help='of torch (default: 1)')
    parser.add_argument('--repeats', type=int, default=2, help='runs of everybody (default: 2)')
    parser.add_argument('--only', default='', help='tasks with this in their name, as: "SFT, packed"')
    parser.add_argument('--peers', type=Path, help='folder that peers.sh made')
    parser.add_argument('--json', type=Path, help='file for the numbers')
    parser.add_argument('--quick', action='store_true', help='a tiny model and few examples, to see that it runs')
    args = parser.parse_args(argv)
    if args.quick:
        args.model_size, args.examples, args.max_length, args.batch, args.repeats = 'tiny', 24, 128, 8, 1
    if args.peers is None:
        print('trl is left out: --peers FOLDER runs it where peers.sh has installed it.\n')
    else:
        args.peers = args.peers.resolve()
    return args


def job(args: argparse.Namespace, task: Task, is_packed: bool, folder: Path) -> Job:
    """What all runners of a task do."""
    output, model = str(folder / 'output'), str(folder / 'model')
    train, validation, examples = map(str, (task.train, task.validation, task.examples))
    return Job(
        task=task.name,
        model=model,
        threads=args.threads,
        train=train,
        validation=validation,
        examples=examples,
        is_packed=is_packed,
        max_length=args.max_length,
        batch=args.batch,
        splits=1,
        strategy='bfd',
        output=output,
    )


def runners(work: Job, has_trl: bool) -> Iterator[Runner]:
    """This package first."""
    yield Runner(OURS)
    if has_trl:
        # Without flash attention a batch that goes through the model as one row costs the square of its length.
        yield Runner(TRL)
        yield Runner(TRL, splits=work.batch)
        if work.is_packed and work.task == 'CLM':
            yield Runner(TRL, strategy='wrapped', is_mixing=True)
    if not work.is_packed:
        yield Runner(PADDED)


def compared(title: str, work: Job, args: argparse.Namespace) -> list[Row]:
    """The rows of all runners, which take turns."""
    runs: dict[Runner, list[dict]] = {one: [] for one in runners(work, args.peers is not None)}
    for _ in range(args.repeats):
        for one, found in runs.items():
            python = interpreter(args.peers, TRL) if one.name == TRL else Path(sys.executable)
            set_up = work._replace(splits=one.splits, strategy=one.strategy)
            found.append(run(python, one.driver, set_up._asdict(), Path(work.output).parent))
    rows = []
    first: Trained | None = None
    for one, found in runs.items():
        releases = {each.pop('release') for each in found}
        every = [Trained(**each) for each in found]
        best = min(every, key=lambda each: each.cpu_seconds)
        first = first or best
        name = f'{TRL} {releases.pop()}{_settings(one, work)}' if one.name == TRL else one.name
        agreement = '' if one.name == OURS else agreed(best, first, one.is_mixing, work.is_packed)
        rows.append(row(title, name, every, agreement))
    return rows


def _settings(one: Runner, work: Job) -> str:
    how = f', {one.strategy}' if work.is_packed else ''
    return f'{how}, {one.splits} x {work.batch // one.splits}'


def row(task: str, name: str, every: list[Trained], agreement: str) -> Row:
    """The quickest of several runs stands: other programs of the machine only ever make a run slower."""
    one = every[0]
    return Row(
        task,
        name,
        one.forwarded,
        one.padding,
        min(each.seconds for each in every),
        min(each.cpu_seconds for each in every),
        max(each.memory for each in every),
        epoch_loss(one),
        agreement,
    )


def epoch_loss(one: Trained) -> float:
    """Mean of all learned tokens."""
    return sum(loss * count for loss, count in zip(one.losses, one.learned, strict=True)) / sum(one.learned)


def agreed(found: Trained, wanted: Trained, is_mixing: bool, is_packed: bool) -> str:
    """How near losses are to those of this package: of each step, or of the epoch where packing makes other steps."""
    if is_mixing:
        return 'another loss: documents see each other'
    if sum(found.learned) != sum(wanted.learned):
        return f'{sum(found.learned):,} tokens learned, not {sum(wanted.learned):,}'
    if is_packed:
        away = abs(epoch_loss(found) - epoch_loss(wanted)) / epoch_loss(wanted)
        return f'loss of the epoch within {away:.0e}'
    if found.learned != wanted.learned:
        return 'other batches'
    away = max(abs(one - other) / other for one, other in zip(found.losses, wanted.losses, strict=True))
    return f'loss of each of {len(found.losses)} steps within {away:.0e}'


def table(rows: list[Row]) -> str:
    """The rows of a task, and how many times as quick as each of them this package is."""
    ours = rows[0]
    head = ('', 'tokens', 'padding', 'tok/s', 'ours is', 'tok/CPU s', 'ours is', 'peak MB', 'loss', 'agreement')
    cells = [
        (
            one.runner,
            f'{one.real:,}',
            f'{one.padding:,}',
            f'{one.real / one.seconds:,.0f}',
            f'{ours.real / ours.seconds / (one.real / one.seconds):.2f} x',
            f'{one.real / one.cpu_seconds:,.0f}',
            f'{ours.real / ours.cpu_seconds / (one.real / one.cpu_seconds):.2f} x',
            f'{one.memory / 1e6:,.0f}',
            f'{one.loss:.4f}',
            one.agreement,
        )
        for one in rows
    ]
    return f'{ours.task}\n{aligned([head, *cells], left=(0, len(head) - 1))}'


if __name__ == '__main__':
    main()
