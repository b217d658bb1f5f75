"""The store of unfinished results: what survives a crash, and what of an earlier start is not believed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from opencompass.utils import files, predictions
from opencompass.utils.logging import get_logger
from opencompass.utils.predictions import PredictionStore, parts, request_key, store_path

PACKAGE = Path(__file__).resolve().parents[1]
KEYS = ['k0', 'k1', 'k2']


@pytest.fixture
def final(tmp_path: Path) -> Path:
    """The predictions file to be."""
    return tmp_path / 'predictions' / 'model' / 'quiz.json'


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Warnings logged in a test."""
    messages: list[str] = []
    monkeypatch.setattr(get_logger(), 'warning', messages.append)
    return messages


def line(position: object, key: str, result: object) -> str:
    return json.dumps({'position': position, 'key': key, 'result': result}) + '\n'


def left_behind(final: Path, text: str | bytes) -> Path:
    """A store as an earlier start left it."""
    path = store_path(final)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def results(final: Path, keys: list[str] = KEYS) -> dict[int, object]:
    with PredictionStore(final, keys) as store:
        return dict(store.results)


def other_process(final: Path, code: str) -> subprocess.Popen[str]:
    """Another process with the store of three requests open."""
    program = (
        f'import os, sys, time; sys.path.insert(0, {str(PACKAGE)!r})\n'
        'from pathlib import Path\nfrom opencompass.utils.predictions import PredictionStore\n'
        f'store = PredictionStore(Path({str(final)!r}), {KEYS!r}).__enter__()\n{code}'
    )
    return subprocess.Popen([sys.executable, '-c', program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_torn_last_line_is_dropped_and_its_sample_done_again(final: Path, warned: list[str]) -> None:
    path = left_behind(final, line(0, 'k0', 'zero') + line(1, 'k1', 'one')[:-9])
    with PredictionStore(final, KEYS) as store:
        assert store.results == {0: 'zero'}
        store.append(1, 'again')
    assert path.read_text() == line(0, 'k0', 'zero') + line(1, 'k1', 'again')
    assert warned == []


@pytest.mark.parametrize(
    'damage',
    [
        b'{"position": 1, "key"\n',
        b'\x00' * 40 + b'\n',
        b'\xff\xfe\n',
        b'[1, "k1", 2]\n',
        b'\n',
        b'{"position": "1", "key": "k1", "result": 2}\n',
    ],
)
def test_damaged_line_is_named_and_its_sample_done_again(final: Path, warned: list[str], damage: bytes) -> None:
    path = left_behind(final, line(0, 'k0', 0).encode() + damage + line(2, 'k2', 2).encode())
    with PredictionStore(final, KEYS) as store:
        assert store.results == {0: 0, 2: 2}
        store.append(1, 1)
    assert warned == [f'{path} line 2 is damaged; that sample is done again']
    assert results(final) == {0: 0, 1: 1, 2: 2}


def test_results_of_other_prompts_are_left_aside_with_a_warning(final: Path, warned: list[str]) -> None:
    path = left_behind(final, line(0, 'k0', 0) + line(1, 'other', 1) + line(3, 'k3', 3) + line(-1, 'k2', 2))
    assert results(final) == {0: 0}
    assert warned == [f'{path}: 3 results of other prompts or settings are not used']


def test_first_result_of_a_position_stays(final: Path) -> None:
    left_behind(final, line(0, 'k0', 'first') + line(0, 'k0', 'second'))
    with PredictionStore(final, KEYS) as store:
        store.append(0, 'third')
        store.append(1, 'new')
        store.append(1, 'newer')
        assert store.results == {0: 'first', 1: 'new'}
    assert results(final) == {0: 'first', 1: 'new'}


@pytest.mark.parametrize('result', ['中文\n\u2028"\r', [0.1, 1e-300], float('inf'), 2.125, None])
def test_results_come_back_as_they_were(final: Path, result: object) -> None:
    with PredictionStore(final, KEYS) as store:
        store.append(0, result)
    assert results(final) == {0: result}


def test_finish_writes_the_whole_file_and_removes_the_store(final: Path) -> None:
    with PredictionStore(final, KEYS) as store:
        store.append(0, '中')
        store.finish({'0': {'prediction': '中'}})
    assert [path.name for path in final.parent.iterdir()] == ['quiz.json']
    assert final.read_text(encoding='utf-8') == '{\n    "0": {\n        "prediction": "中"\n    }\n}'


def test_crash_while_finishing_leaves_the_old_file_and_all_results(
    final: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final.parent.mkdir(parents=True)
    final.write_text('old')

    def full(number: int) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(files.os, 'fsync', full)
    with pytest.raises(OSError, match='No space'), PredictionStore(final, KEYS) as store:
        store.append(0, 'zero')
        store.finish({'0': {'prediction': 'zero'}})
    assert final.read_text() == 'old'
    assert {path.name for path in final.parent.iterdir()} == {'quiz.json', 'tmp_quiz.jsonl'}
    assert results(final) == {0: 'zero'}


def test_second_process_on_one_store_is_refused_by_name(final: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, 'LOCK_SECONDS', 0.3)
    with other_process(final, 'print("open", flush=True); input()') as other:
        assert other.stdout is not None
        assert other.stdout.readline() == 'open\n'
        with pytest.raises(RuntimeError) as error, PredictionStore(final, KEYS):
            pass
        other.communicate('\n')
    assert str(error.value) == f'{store_path(final)} is being written by another process; wait for it or stop it first'
    assert results(final) == {}


def test_second_process_waits_for_one_that_ends_soon(final: Path) -> None:
    with other_process(final, 'print("open", flush=True); time.sleep(0.5); store.append(0, "other")') as other:
        assert other.stdout is not None
        assert other.stdout.readline() == 'open\n'
        assert results(final) == {0: 'other'}


def test_results_survive_kill_9(final: Path) -> None:
    with other_process(final, 'store.append(0, "zero"); store.append(2, [0.5]); os.kill(os.getpid(), 9)') as other:
        assert other.wait(60) == -9
    assert results(final) == {0: 'zero', 2: [0.5]}


def test_key_tells_prompts_and_settings_apart_and_nothing_else() -> None:
    assert request_key('a', kind='Gen', max_out_len=5) == request_key('a', max_out_len=5, kind='Gen')
    different = {request_key(prompt, max_out_len=length) for prompt in ('a', 'b', ['a']) for length in (5, 6)}
    assert len(different) == 6


def test_parts_stop_at_the_first_missing_one_and_yield_to_the_whole(final: Path) -> None:
    final.parent.mkdir(parents=True)
    for name in ('quiz_0', 'quiz_1', 'quiz_3'):
        final.with_name(f'{name}.json').touch()
    assert [path.name for path in parts(final)] == ['quiz_0.json', 'quiz_1.json']
    final.touch()
    assert list(parts(final)) == [final]
