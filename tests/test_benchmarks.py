"""The benchmarks run, and what they count of the scoring engine is near the least that is possible."""

from __future__ import annotations

import importlib
import itertools
import json
import random
import re
from pathlib import Path
from types import ModuleType

import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[1] / 'benchmarks'
OURS, PLAIN = 'this package', 'its plain path'


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch):
    """Imports a module of the benchmarks by its name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def quick(bench: ModuleType, folder: Path, *more: str) -> dict[tuple[str, str], dict]:
    """Rows of a quick run by task and runner."""
    threads = torch.get_num_threads()
    try:
        bench.main(['--quick', '--threads', '1', '--json', str(folder / 'rows.json'), *more])
    finally:
        torch.set_num_threads(threads)
    rows = json.loads((folder / 'rows.json').read_text())['rows']
    return {(row['task'], row['runner']): row for row in rows}


def test_scoring_forwards_the_prefix_tree_and_scores_as_the_plain_path(script, tmp_path: Path, capsys) -> None:
    found = quick(script('bench_scoring'), tmp_path)
    shown = capsys.readouterr().out
    tasks = ['MMLU-like, 5-shot', 'HellaSwag-like, 0-shot', 'MMLU-like, 0-shot']
    assert list(found) == list(itertools.product(tasks, [OURS, PLAIN]))
    for (task, runner), row in found.items():
        assert f'{task} (bound: {row["bound"]:,} tokens)' in shown
        if runner == OURS:
            assert row['forwarded'] <= 1.02 * row['bound']
            assert row['padding'] == 0
        else:
            assert row['forwarded'] > 1.5 * row['bound']
            assert re.fullmatch(r'scores within (0e\+00|[0-9]e-(0[6-9]|1.)), same order of 4 of 4', row['agreement'])
    assert 'Peers are left out' in shown


def test_generation_forwards_each_prompt_token_once_and_answers_as_the_plain_path(script, tmp_path: Path) -> None:
    found = quick(script('bench_generation'), tmp_path)
    tasks = [f'GSM8K-like, {shots}-shot' for shots in (8, 0)]
    assert {task for task, _ in found} == {*tasks, *(f'{task}, prompts only' for task in tasks)}
    assert {row['agreement'] for row in found.values() if row['runner'] != OURS} == {'same text of 4 of 4'}
    for task in tasks:
        row = found[f'{task}, prompts only', OURS]
        assert row['forwarded'] <= 1.05 * row['bound']


def test_the_bound_counts_distinct_beginnings(script) -> None:
    rng = random.Random(0)
    texts = [[rng.randrange(2) for _ in range(rng.randrange(1, 9))] for _ in range(40)]
    beginnings = {tuple(text[:length]) for text in texts for length in range(1, len(text) + 1)}
    inner = {one[:-1] for one in beginnings if len(one) > 1}
    assert script('tree').tree(texts) == (len(beginnings), len(inner), sum(map(len, beginnings)))


def test_a_peer_that_is_not_there_is_named_with_what_installs_it(script, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf'lm_eval/bin/python does not exist.*peers\.sh {tmp_path}'):
        list(script('peers').run_peers(tmp_path, {}, tmp_path))


def test_a_batch_size_that_is_clearly_worse_ends_the_search(script, monkeypatch: pytest.MonkeyPatch) -> None:
    measure, clock, tried = script('measure'), [0.0], []
    cost = {1: 4.0, 2: 2.0, 4: 2.1, 8: 9.0}

    def answer(questions: list, size: int) -> list:
        tried.append(size)
        clock[0] += cost[size] * len(questions) / 40
        return []

    monkeypatch.setattr(measure.time, 'process_time', lambda: clock[0])
    assert measure.best_batch(answer, [('a', [])] * 40, 10) == 2
    assert tried == [1, 1, 2, 4, 8]
    tried.clear()
    assert measure.best_batch(answer, [('a', ['b'])] * 40, measure.LOGITS // 24) == 2
    assert tried == [1, 1, 2]


@pytest.mark.slow
def test_training_on_mixed_lengths_has_the_losses_of_padded_batches_and_less_padding(script, tmp_path: Path) -> None:
    task = 'SFT, not packed'
    found = quick(script('bench_training'), tmp_path, '--only', task)
    assert list(found) == [(task, OURS), (task, 'the padded way')]
    ours, padded = found.values()
    assert re.fullmatch(r'loss of each of 3 steps within (0e\+00|[0-9]e-(0[6-9]|1.))', padded['agreement'])
    assert ours['forwarded'] - ours['padding'] == padded['forwarded'] - padded['padding']
    assert 1.2 * ours['forwarded'] < padded['forwarded']
    assert min(one[name] for one in (ours, padded) for name in ('seconds', 'cpu_seconds', 'memory')) > 0


def test_packed_trainings_agree_by_the_loss_of_all_tokens(script) -> None:
    bench, trained = script('bench_training'), script('training_peer').Trained

    def run(losses: list[float], learned: list[int]) -> object:
        return trained(losses, learned, 1.0, 1.0, 10, 0, 10)

    wanted = run([2.0, 4.0], [30, 10])
    assert bench.epoch_loss(wanted) == 2.5
    agreed = [
        bench.agreed(run([2.0, 3.0], [20, 20]), wanted, is_mixing=False, is_packed=True),
        bench.agreed(run([2.0, 3.0], [20, 20]), wanted, is_mixing=False, is_packed=False),
        bench.agreed(run([2.0, 3.0], [30, 10]), wanted, is_mixing=False, is_packed=False),
        bench.agreed(run([2.0, 3.0], [30, 9]), wanted, is_mixing=False, is_packed=True),
        bench.agreed(run([2.0, 3.0], [30, 9]), wanted, is_mixing=True, is_packed=True),
    ]
    assert agreed == [
        'loss of the epoch within 0e+00',
        'other batches',
        'loss of each of 2 steps within 2e-01',
        '39 tokens learned, not 40',
        'another loss: documents see each other',
    ]
