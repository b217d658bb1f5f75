"""A run that is killed loses nothing, asks nothing twice, and ends as if it had not been."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from project import command, make_project, predictions, run, run_folder

SLOW = "\nmodels = [dict(models[0], type='parts.LoggingModel', seconds=0.05)]\n"


def kill_all(process: subprocess.Popen) -> None:
    """kill -9 of run.py and of everything below it, at once."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        one.send_signal(signal.SIGSTOP)
    for one in family:
        one.kill()
    psutil.wait_procs(family, timeout=10)
    process.wait()


def wait_for_lines(folder: Path, name: str, lines: int) -> Path:
    """The store of a data set, once it holds so many results."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for store in (folder / 'out').rglob(f'tmp_{name}.jsonl'):
            if store.read_bytes().count(b'\n') >= lines:
                return store
        time.sleep(0.02)
    raise AssertionError(f'{name} never had {lines} results')


@pytest.mark.slow
@pytest.mark.parametrize(('name', 'requests'), [('gen', 40), ('ppl', 80), ('clp', 40)])
def test_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path: Path, name: str, requests: int) -> None:
    only = f'{SLOW}\ndatasets = [{name}]\n'
    calm, killed = (make_project(tmp_path / one, rows=40, config=only) for one in ('calm', 'killed'))
    assert run(calm).returncode == 0
    process = subprocess.Popen(
        command('eval.py', '-w', 'out'), cwd=killed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    store = wait_for_lines(killed, name, 9)
    kill_all(process)
    finished = store.read_bytes().count(b'\n')
    asked = len((killed / 'asked.txt').read_text().splitlines())
    assert 9 <= finished < requests

    again = run(killed, '-r')

    assert again.returncode == 0, again.stderr
    assert predictions(killed) == predictions(calm)
    assert [path.name for path in (run_folder(killed) / 'predictions').rglob('tmp_*')] == []
    batch = 4  # the batch that was under way is asked again as a whole, the others are not
    assert len((killed / 'asked.txt').read_text().splitlines()) - asked <= requests - finished + batch


@pytest.mark.slow
def test_interrupt_says_how_to_go_on_and_keeps_results(tmp_path: Path) -> None:
    folder = make_project(tmp_path, rows=40, config=SLOW + '\ndatasets = [gen]\n')
    process = subprocess.Popen(
        command('eval.py', '-w', 'out'),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for_lines(folder, 'gen', 5)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f'-r {run_folder(folder).name}' in errors
    assert 'Traceback' not in errors
    assert run(folder, '-r').returncode == 0
    assert len(predictions(folder)) == 1
