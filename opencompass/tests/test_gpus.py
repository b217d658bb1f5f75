"""Which GPUs there are, and who holds them."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from opencompass.runners._gpus import Slots, visible


@pytest.mark.parametrize(
    ('given', 'names'),
    [
        ('7,2,5', ['2', '5', '7']),
        ('0,0', ['0']),
        ('', []),
        ('-1', []),
        ('1,-1,2', ['1']),
        (' 10, 9 ', ['9', '10']),
        ('GPU-b1,GPU-a2', ['GPU-b1', 'GPU-a2']),
    ],
)
def test_visible_gpus_are_those_of_the_variable(monkeypatch: pytest.MonkeyPatch, given: str, names: list[str]) -> None:
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', given)
    assert visible() == names


def test_without_the_variable_the_gpus_of_the_machine_are_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    monkeypatch.setenv('PATH', str(tmp_path))
    assert visible() == []
    tool = tmp_path / 'nvidia-smi'
    tool.write_text('#!/bin/sh\necho "GPU 0: H200 (UUID: GPU-1)"\necho "GPU 1: H200 (UUID: GPU-2)"\n')
    tool.chmod(0o755)
    assert visible() == ['0', '1']


def test_pool_gives_the_lowest_free_gpus_and_takes_them_back_in_order() -> None:
    pool = Slots(['2', '5', '7', '9'])
    with pool.take(1) as first:
        with pool.take(2) as second:
            assert (first, second, pool.free) == (['2'], ['5', '7'], ['9'])
        with pool.take(0) as none, pool.take(2) as third:
            assert (none, third) == ([], ['5', '7'])
    assert pool.free == ['2', '5', '7', '9']


def test_pool_gives_back_after_an_error_and_lets_the_next_in() -> None:
    pool, taken = Slots(['0']), []

    def wait() -> None:
        with pool.take(1) as gpus:
            taken.extend(gpus)

    waiting = threading.Thread(target=wait)
    with pytest.raises(OSError, match='no shell'), pool.take(1):
        waiting.start()
        raise OSError('no shell')
    waiting.join(10)
    assert taken == ['0']


def test_what_a_kind_had_last_it_gets_again_before_others() -> None:
    pool = Slots(['0', '1', '2'])
    with pool.take(1, 'a'), pool.take(1, 'b'):
        pass
    with pool.take(1, 'b') as again, pool.take(1, 'c') as new, pool.take(1, 'd') as last:
        assert (again, new, last) == (['1'], ['2'], ['0'])


def test_one_that_waits_for_what_its_kind_had_goes_first_and_keeps_nobody_else_waiting() -> None:
    pool, order = Slots(['0']), []

    def wait(name: str, kind: str, wanted: int) -> None:
        with pool.take(wanted, kind):
            order.append(name)

    with pool.take(1, 'a'):
        waiting = []
        for name, kind, wanted in (('b', 'b', 1), ('a', 'a', 1), ('c', 'b', 1), ('none', 'b', 0)):
            waiting.append(threading.Thread(target=wait, args=(name, kind, wanted)))
            waiting[-1].start()
            while len(pool.waiting) < min(len(waiting), 3):
                time.sleep(0.01)
        waiting[-1].join(10)
        assert order == ['none']
    for thread in waiting:
        thread.join(10)
    assert order == ['none', 'a', 'b', 'c']
