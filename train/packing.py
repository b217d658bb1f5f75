"""Examples in rows of tokens without padding, where attention does not cross from one example to the next."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

IGNORED = -100
#: A gap below this share of a row is left: cutting a document costs it its context.
SMALL_GAP = 0.01
#: Share of real tokens in rows above which documents stay as they are.
FULL = 0.985


class Piece(NamedTuple):
    """Tokens start to stop of an example."""

    example: int
    start: int
    stop: int


class Bin:
    """Rows of one width, each with the pieces in it, found by the room that is left."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: list[list[Piece]] = []
        self._by_room: dict[int, list[int]] = {}
        self._rooms = 0  # bit n is set where a row has room for n tokens

    def add(self, piece: Piece) -> None:
        """Put a piece where the least room is left over, or in a new row."""
        size = piece.stop - piece.start
        fitting = self._rooms >> size
        if fitting:
            room = size + (fitting & -fitting).bit_length() - 1
            row = self._by_room[room].pop()
            if not self._by_room[room]:
                self._rooms ^= 1 << room
            self.rows[row].append(piece)
        else:
            room, row = self.width, len(self.rows)
            self.rows.append([piece])
        left = room - size
        if left > 0:
            self._by_room.setdefault(left, []).append(row)
            self._rooms |= 1 << left


def fitted(sizes: Sequence[int], width: int) -> list[list[int]]:
    """Which examples share a row of at most `width` tokens; all stay whole."""
    rows = Bin(width)
    for example in sorted(range(len(sizes)), key=lambda one: -sizes[one]):
        rows.add(Piece(example, 0, sizes[example]))
    return [[piece.example for piece in row] for row in rows.rows]


def planned(sizes: Iterable[int], width: int) -> list[list[Piece]]:
    """Documents in rows of `width` tokens; each token but a document's first is learned once, none is lost.

    Longer documents are cut, and a few more where rows would stay open. A piece begins with the last token of the one
    before, which it does not learn.
    """
    if width < 2:
        raise ValueError(f'a row has at least 2 tokens, not {width}; raise --max_length')
    rows = Bin(width)
    pieces = [piece for example, size in enumerate(sizes) for piece in cut(Piece(example, 0, size), width)]
    for piece in sorted(pieces, key=lambda one: one.start - one.stop):
        rows.add(piece)
    return _filled(rows.rows, width)


def cut(piece: Piece, width: int) -> list[Piece]:
    """A piece in pieces of at most `width` tokens, each with the last token of the one before in front."""
    step = width - 1
    starts = range(piece.start, max(piece.stop - 1, piece.start + 1), step)
    return [Piece(piece.example, start, min(start + width, piece.stop)) for start in starts]


def _size(row: list[Piece]) -> int:
    return sum(piece.stop - piece.start for piece in row)


def _filled(rows: list[list[Piece]], width: int) -> list[list[Piece]]:
    """The rows with the emptiest ones dealt out to the gaps of the others, until few gaps are left."""
    smallest = max(16, int(width * SMALL_GAP))
    rows = sorted(rows, key=_size)
    tokens = sum(map(_size, rows))
    gaps = [(_size(row) - width, place) for place, row in enumerate(rows)]  # the largest gap first
    heapq.heapify(gaps)
    gone = 0
    while len(rows) - gone > 1 and tokens < FULL * width * (len(rows) - gone):
        donor, rows[gone] = rows[gone], []
        gone += 1
        left = _dealt(donor, rows, gaps, gone, smallest)
        if left:
            return [left, *(row for row in rows if row)]
    return rows[gone:]


def _dealt(donor: list[Piece], rows: list[list[Piece]], gaps: list[tuple[int, int]], gone: int, smallest: int) -> list:
    """Put pieces into gaps, cut to size; what is left over when no gap is worth a cut."""
    waiting = list(donor)
    while waiting:
        while gaps and gaps[0][1] < gone:
            heapq.heappop(gaps)
        if not gaps or -gaps[0][0] < smallest:
            return waiting
        negative, place = heapq.heappop(gaps)
        piece, room = waiting.pop(), -negative
        taken = Piece(piece.example, piece.start, min(piece.stop, piece.start + room))
        if taken.stop < piece.stop:
            waiting.append(Piece(piece.example, taken.stop - 1, piece.stop))
        rows[place].append(taken)
        heapq.heappush(gaps, (taken.stop - taken.start - room, place))
    return []


def laid_out(sizes: Sequence[int], width: int, is_packed: bool, is_divisible: bool) -> list[list[Piece]]:
    """Rows for examples: together or each alone, those that may be divided cut where they are too long."""
    if not is_divisible:
        rows = fitted(sizes, width) if is_packed else [[one] for one in range(len(sizes))]
        return [[Piece(one, 0, sizes[one]) for one in row] for row in rows]
    if is_packed:
        return planned(sizes, width)
    return [[piece] for one, size in enumerate(sizes) for piece in cut(Piece(one, 0, size), width)]


def labels_of(ids: np.ndarray, learned: np.ndarray | None = None) -> np.ndarray:
    """Ids where they are learned, -100 elsewhere; always at the first, which nothing precedes."""
    found = ids.astype(np.int64) if learned is None else np.where(learned, ids, IGNORED).astype(np.int64)
    found[:1] = IGNORED
    return found


class PackedRows(torch.utils.data.Dataset):
    """Rows of pieces of examples, put together when they are asked for."""

    def __init__(self, examples: Any, rows: Sequence[Sequence[Piece]]) -> None:
        """`examples` is a data set with `input_ids` and, unless all is learned, `learned`."""
        self.examples, self.rows = examples.with_format('numpy'), rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> dict[str, np.ndarray]:
        row = self.rows[place]
        found = self.examples[[piece.example for piece in row]]
        ids, learned = found['input_ids'], found.get('learned')
        return joined(
            (one[piece.start : piece.stop], None if learned is None else learned[at][piece.start : piece.stop])
            for at, (one, piece) in enumerate(zip(ids, row, strict=True))
        )


def joined(pieces: Iterable[tuple[np.ndarray, np.ndarray | None]]) -> dict[str, np.ndarray]:
    """A row of pieces of ids: each has positions of its own from 0."""
    every = list(pieces)
    return {
        'input_ids': np.concatenate([ids for ids, _ in every]),
        'labels': np.concatenate([labels_of(ids, learned) for ids, learned in every]),
        'position_ids': np.concatenate([np.arange(len(ids)) for ids, _ in every]),
    }


class Evened(torch.utils.data.Dataset):
    """Examples, and behind them so many without anything to learn that their number is a multiple."""

    def __init__(self, examples: Any, multiple: int) -> None:
        self.examples, self.size = examples, -(-len(examples) // multiple) * multiple

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: int) -> dict[str, Any]:
        if place < len(self.examples):
            return self.examples[place]
        return {'input_ids': [0, 0], 'labels': [IGNORED, IGNORED]}
