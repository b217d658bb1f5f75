"""What both benchmarks share: flags, and runs of this package with each other runner's in between."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import ours
from measure import BATCH_SIZES, Answer, Measured, best_batch, measured
from peers import run_peers
from report import OURS, Row, row
from workload import LONGEST, SIZES, Question, checkpoint


class Bench:
    """The model under test, and how everybody runs it."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        import torch
        from transformers.utils import logging

        logging.disable_progress_bar()
        torch.set_num_threads(args.threads)
        self.args, self.folder = args, folder
        self.model = ours.load(checkpoint(args.model_size, folder / 'model'))
        self.config = self.model.model.config

    def batch_size(self, answer: Answer, questions: Sequence[Question]) -> int:
        """The best one."""
        sizes = (4,) if self.args.quick else BATCH_SIZES
        return best_batch(answer, questions, self.config.vocab_size, sizes)

    def once(self, answer: Answer, questions: Sequence[Question], size: int | None = None) -> Measured:
        """A run; without a size it plans its batches itself."""
        return measured(answer, questions, size, self.model.model.get_input_embeddings())

    def batched(self, answer: Answer, questions: Sequence[Question]) -> Measured:
        """Runs at the best batch size."""
        size = self.batch_size(answer, questions)
        return measured(answer, questions, size, self.model.model.get_input_embeddings(), self.args.repeats)

    def peers(self, questions: Sequence[Question], max_out_len: int = 0) -> Iterator[tuple[str, Measured]]:
        """The peers' runs of the same, as they get ready."""
        job = {
            'model': str(self.folder / 'model'),
            'threads': self.args.threads,
            'longest': LONGEST,
            'questions': questions,
            'max_out_len': max_out_len,
            'repeats': self.args.repeats,
        }
        yield from run_peers(self.args.peers, job, self.folder)

    def interleaved(
        self,
        task: str,
        bound: int,
        run: Callable[[], Measured],
        others: Iterable[tuple[str, Measured]],
        agreement: Callable[[str, list], str],
    ) -> list[Row]:
        """The row of this package, run anew between all others, and theirs."""
        found = run()
        runs, rows = [found], []
        if self.args.alone:
            runs += [run() for _ in range(self.args.repeats - 1)]
            others = ()
        for name, other in others:
            rows.append(row(task, name, other, bound, agreement(name, other.answers)))
            runs.append(run())
        seconds = [one.seconds[0] for one in runs]
        cpu_seconds = [one.cpu_seconds[0] for one in runs]
        return [row(task, OURS, found._replace(seconds=seconds, cpu_seconds=cpu_seconds), bound), *rows]


def flags(description: str, argv: Sequence[str] | None, questions: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model-size', choices=list(SIZES), default='15m', help='random Llama (default: 15m)')
    parser.add_argument('--questions', type=int, default=questions, help=f'of each task (default: {questions})')
    parser.add_argument('--threads', type=int, default=_threads(), help='of every runner (default: those of torch)')
    parser.add_argument('--repeats', type=int, default=2, help='timed runs of every runner (default: 2)')
    parser.add_argument('--alone', action='store_true', help='run this package only')
    parser.add_argument('--peers', type=Path, help='folder that peers.sh made')
    parser.add_argument('--json', type=Path, help='file for the numbers, which plot.py draws')
    parser.add_argument('--quick', action='store_true', help='a tiny model and few questions, to see that it runs')
    args = parser.parse_args(argv)
    if args.quick:
        args.model_size, args.questions, args.repeats = 'tiny', 4, 1
    if args.peers is None:
        print('Peers are left out: --peers FOLDER runs those that peers.sh has installed.\n')
    else:
        args.peers = args.peers.resolve()
    return args


@contextmanager
def bench(args: argparse.Namespace) -> Iterator[Bench]:
    """A bench with a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Bench(args, Path(folder))


def settings(args: argparse.Namespace) -> dict:
    return {name: getattr(args, name) for name in ('model_size', 'questions', 'threads', 'repeats')}


def _threads() -> int:
    import torch

    return torch.get_num_threads()
