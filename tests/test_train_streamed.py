"""Data read while training: all of it, once a turn, in an order that hangs on the seed alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from training import NANO, texts, write

import train.streamed
from train.encode import TextEncoder
from train.flags import PretrainConfig
from train.packing import IGNORED
from train.streamed import streamed
from utils.modeling_hack import load_tokenizer


def test_each_turn_gives_all_tokens_once_in_another_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train.streamed, 'BUFFER', 16)
    monkeypatch.setattr(train.streamed, 'CHECKED', 100)
    records = texts(300)
    data = write(tmp_path / 'data.jsonl', [*records[:50], '{', *records[50:250], {'content': ''}, *records[250:]])
    flags = PretrainConfig('m', train_file_path=str(data), max_length=256)
    encoder = TextEncoder(load_tokenizer(str(NANO)))
    expected = sorted(one for record in records for one in encoder(record).ids[1:])
    made = streamed(flags, encoder, is_evaluated=False, seed=7).train
    told = capsys.readouterr()
    assert f'1 x broken JSON: {data} line 51' in told.err and '⟦' in told.out
    rows = itertools.islice(made, 400)
    turns: list[list[list[int]]] = []
    for _ in range(2):
        turns.append([])
        while sum(len(row) for row in turns[-1]) < len(expected):
            turns[-1].append([one for one in next(rows)['labels'].tolist() if one != IGNORED])
        assert sorted(itertools.chain(*turns[-1])) == expected
    assert turns[0] != turns[1]
    sizes = [len(row['input_ids']) for row in itertools.islice(made, len(turns[0]))]
    assert sum(sizes) / (256 * len(sizes)) > 0.95  # the last row of a buffer of 16 may be half empty
    assert capsys.readouterr().err.count(f"{data} line 252 is left out: 'content' is empty\n") == 2
    again = streamed(flags, encoder, is_evaluated=False, seed=7).train
    assert [[one for one in row['labels'].tolist() if one != IGNORED] for row in itertools.islice(again, 5)] == turns[
        0
    ][:5]


def test_several_readers_share_the_rows(tmp_path: Path) -> None:
    import torch

    data = write(tmp_path / 'data.jsonl', texts(40))
    flags = PretrainConfig('m', train_file_path=str(data), max_length=128, packing=False)
    made = streamed(flags, TextEncoder(load_tokenizer(str(NANO))), is_evaluated=False, seed=1).train
    alone = [row['input_ids'].tolist() for row in itertools.islice(made, 12)]
    loader = torch.utils.data.DataLoader(made, batch_size=None, num_workers=2, multiprocessing_context='fork')
    shared = [row['input_ids'].tolist() for row in itertools.islice(loader, 12)]
    assert shared == alone


def test_data_that_turn_out_to_be_empty_end_the_training(tmp_path: Path) -> None:
    data = write(tmp_path / 'data.jsonl', texts(2))
    flags = PretrainConfig('m', train_file_path=str(data))
    made = streamed(flags, TextEncoder(load_tokenizer(str(NANO))), is_evaluated=False, seed=1).train
    write(data, ['{"content"'])
    with pytest.raises(ValueError, match='the streamed data have no record that can be learned from'):
        next(iter(made))
