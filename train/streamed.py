"""Data that is read, tokenized and packed while a model trains, for corpora larger than memory and disk."""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from train.corpus import NAMED, Corpus, Files, attempt, encoded, of_files, report, rows_of, sources, tell_first
from train.encode import Encoder, Example
from train.flags import DataFlags
from train.packing import joined, laid_out
from train.records import rows

#: Records that are looked at before training starts.
CHECKED = 1000
#: Rows that are packed and shuffled together.
BUFFER = 256


class Found(NamedTuple):
    """A record, as text or object, and where it stands."""

    file: str
    line: int
    record: Any


def streamed(flags: DataFlags, encoder: Encoder, is_evaluated: bool, seed: int) -> Corpus:
    """Data to train on that begins anew when it ends; data to validate with is read as usual, from files of its own."""
    found = sources(flags)
    validation = None
    if is_evaluated:
        if not isinstance(found, Files) or not found.validation:
            raise ValueError('with --streaming an evaluation needs --validate_file_path')
        examples = encoded(of_files(found.validation), encoder, flags, 'validation')
        validation = rows_of(examples, flags, encoder)
    every = _of_files(found.train) if isinstance(found, Files) else _of_datasets(found)
    _check(every, encoder)
    return Corpus(Stream(every, encoder, flags, seed), validation)


def _of_files(files: list[str]) -> Callable[[], Iterator[Found]]:
    return lambda: (Found(row.file, row.line, row.text) for row in rows(files))


def _of_datasets(name: str) -> Callable[[], Iterator[Found]]:
    import datasets

    try:
        split = datasets.load_dataset(name, split='train', streaming=True)
    except Exception as error:  # the hub's, the network's, or a builder's own
        raise ValueError(f'data set {name}: {str(error).strip().splitlines()[0]}') from error
    return lambda: (Found(name, number, dict(record)) for number, record in enumerate(split, 1))


def _check(every: Callable[[], Iterable[Found]], encoder: Encoder) -> None:
    """Report faults among the first records; ValueError where all of them are bad."""
    start = list(itertools.islice(every(), CHECKED))
    tried = [attempt(found.record, encoder) for found in start]
    faults = [fault for _, fault in tried]
    files = sorted({found.file for found in start})
    if any(faults):
        numbers, lines = [files.index(found.file) for found in start], [found.line for found in start]
        print(report(faults, numbers, lines, files, 'first training'), file=sys.stderr)
    good = [example for example, fault in tried if not fault]
    if not good:
        raise ValueError(f'none of the first {len(start)} records can be learned from')
    tell_first(encoder, good[0])


class Stream(torch.utils.data.IterableDataset):
    """Rows of examples without end. The order hangs on the seed alone, so that a resumed training finds its place."""

    def __init__(self, every: Callable[[], Iterable[Found]], encoder: Encoder, flags: DataFlags, seed: int) -> None:
        self.every, self.encoder, self.flags, self.seed = every, encoder, flags, seed
        self._told: Counter[str] = Counter()

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        worker = torch.utils.data.get_worker_info()
        endless = itertools.chain.from_iterable(map(self._once, itertools.count()))
        return itertools.islice(endless, worker.id if worker else 0, None, worker.num_workers if worker else 1)

    def _once(self, turn: int) -> Iterator[dict[str, np.ndarray]]:
        """All data from begin to end, shuffled within a buffer."""
        draw, has_any = random.Random(f'{self.seed}-{turn}'), False
        for buffer in self._buffers(is_told=turn == 0):
            has_any = True
            made = self._rows(buffer)
            draw.shuffle(made)
            yield from made
        if not has_any:
            raise ValueError('the streamed data have no record that can be learned from')

    def _buffers(self, is_told: bool) -> Iterator[list[Example]]:
        """Good examples, so many as fill the buffer."""
        buffer: list[Example] = []
        size = 0
        for number, found in enumerate(self.every()):
            example, fault = attempt(found.record, self.encoder)
            if not fault:
                buffer.append(example)
                size += len(example.ids) if self.flags.packing else self.flags.max_length
            elif is_told and number >= CHECKED:
                self._tell(found, fault)
            if size >= BUFFER * self.flags.max_length:
                yield buffer
                buffer, size = [], 0
        if buffer:
            yield buffer

    def _rows(self, examples: list[Example]) -> list[dict[str, np.ndarray]]:
        plan = laid_out(
            [len(one.ids) for one in examples], self.flags.max_length, self.flags.packing, self.encoder.is_text
        )
        ids = [np.array(one.ids) for one in examples]
        learned = [None if self.encoder.is_text else np.array(one.learned) for one in examples]
        return [
            joined(
                (ids[piece.example][piece.start : piece.stop], _part(learned[piece.example], piece.start, piece.stop))
                for piece in row
            )
            for row in plan
        ]

    def _tell(self, found: Found, fault: str) -> None:
        """Name the first bad records of each kind that turn up in the course of training."""
        self._told[fault] += 1
        if self._told[fault] <= NAMED:
            print(f'{found.file} line {found.line} is left out: {fault}', file=sys.stderr)


def _part(values: np.ndarray | None, start: int, stop: int) -> np.ndarray | None:
    return None if values is None else values[start:stop]
