"""Where tasks run: GPUs, processes, and what is left when one of them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from project import STUCK, STUCK_CONFIG, make_project, run, run_folder, started, stuck

from opencompass.runners import LocalRunner
from opencompass.tasks._script import PARENT, _lives
from opencompass.utils import failures

SLOW = '\nmodels = [dict(models[0], seconds=0.2)]\ndatasets = [gen]\n'


def dataset_of(folder: Path, model: str, dataset: str) -> failures.Failure | None:
    return failures.read(str(run_folder(folder)), 'infer', model, dataset)


@pytest.mark.slow
def test_more_gpus_than_visible_fail_at_once_and_alone(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path,
        config="""
models = [dict(models[0], abbr='large', run_cfg=dict(num_gpus=4)), models[0]]
datasets = [gen]
""",
    )
    done = run(folder, '-m', 'infer', CUDA_VISIBLE_DEVICES='0,1')
    assert done.returncode == 1
    assert 'needs 4 GPUs (run_cfg.num_gpus) and 2 are visible' in done.stderr
    failure = dataset_of(folder, 'large', 'gen')
    assert failure is not None
    assert failure.kind == 'bad input'
    assert [path.parent.name for path in run_folder(folder).rglob('predictions/*/gen.json')] == ['fake']


@pytest.mark.slow
@pytest.mark.parametrize('given', [None, '', '-1', 'GPU-8932f937-d72c'])
def test_tasks_on_the_cpu_ask_for_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None) -> None:
    if given is None:
        monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    else:
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', given)
    folder = make_project(tmp_path, rows=2, config='\ndatasets = [gen]\n')
    done = run(folder, '-m', 'infer')
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_task_that_cannot_be_started_gives_back_its_gpu_and_fails_alone(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path,
        rows=2,
        config="""
models = [dict(models[0], abbr=abbr, run_cfg=dict(num_gpus=1)) for abbr in ('m1', 'm2')]
datasets = [gen]
""",
    )
    blocked = folder / 'out/20200101_000000/logs/infer'
    blocked.mkdir(parents=True)
    (blocked / 'm1').write_text('where the folder of logs would be')
    done = run(folder, '-m', 'infer', '-r', CUDA_VISIBLE_DEVICES='3')
    assert done.returncode == 1
    assert 'infer [bad input] m1/gen\n      [Errno ' in done.stderr
    assert 'Traceback' not in done.stderr
    assert [path.parent.name for path in run_folder(folder).rglob('predictions/*/gen.json')] == ['m2']


@pytest.mark.slow
@pytest.mark.parametrize('gpus', [0, 1])
def test_killed_task_is_on_record_as_killed_with_its_log(tmp_path: Path, gpus: int) -> None:
    folder = make_project(
        tmp_path,
        config=f'{STUCK_CONFIG}\nmodels[0]["run_cfg"] = dict(num_gpus={gpus})\n',
        die='9',
        **{'stuck.py': STUCK},
    )
    done = run(folder, '-m', 'infer', CUDA_VISIBLE_DEVICES='0')
    assert done.returncode == 1
    failure = dataset_of(folder, 'fake', 'gen')
    assert failure is not None
    assert (failure.kind, Path(failure.log).name) == ('killed', 'gen.out')
    assert f'log: {failure.log}' in done.stderr


@pytest.mark.slow
def test_failure_on_record_is_that_of_the_last_run(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=STUCK_CONFIG)
    assert run(folder, '-m', 'infer').returncode == 1  # there is no module `stuck`
    (folder / 'stuck.py').write_text(STUCK)
    (folder / 'die').write_text('9')
    again = run(folder, '-m', 'infer', '-r')
    assert 'infer [killed] fake/gen' in again.stderr


@pytest.mark.slow
def test_sigterm_ends_all_tasks_also_those_that_wait_for_a_gpu(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path,
        config=f"""{STUCK_CONFIG}
models = [dict(models[0], abbr=abbr, run_cfg=dict(num_gpus=1)) for abbr in ('m1', 'm2', 'm3')]
""",
        **{'stuck.py': STUCK},
    )
    process = started(folder, CUDA_VISIBLE_DEVICES='0')
    tasks = stuck(folder)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert [task for task in tasks if task.is_running()] == []
    assert len(list(folder.glob('*.pid'))) == 1


@pytest.mark.slow
def test_sigterm_keeps_what_is_finished(tmp_path: Path) -> None:
    folder = make_project(tmp_path, rows=40, config=SLOW)
    process = started(folder)
    end = time.monotonic() + 60
    while not any(path.stat().st_size for path in (folder / 'out').rglob('tmp_gen.jsonl')):
        assert time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert f'-r {run_folder(folder).name}' in errors
    [store] = run_folder(folder).rglob('tmp_gen.jsonl')
    size = store.stat().st_size
    time.sleep(1)
    assert store.stat().st_size == size > 0


@pytest.mark.slow
def test_tasks_end_by_themselves_when_run_py_is_killed(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=STUCK_CONFIG, **{'stuck.py': STUCK})
    process = started(folder)
    tasks = stuck(folder)
    process.kill()  # and not waited for: it stays a zombie, as in a container without init
    _, alive = psutil.wait_procs(tasks, timeout=6)
    process.communicate()
    assert alive == []


def test_process_that_has_gone_does_not_live() -> None:
    process = subprocess.Popen([sys.executable, '-c', ''])
    assert _lives(os.getpid())
    process.wait()
    assert not _lives(process.pid)


def test_task_runs_on_the_interpreter_of_run_py_whatever_path_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Task:
        """Asks the shell for its interpreters."""

        name = short_name = 'asks'
        stage, num_gpus, num_cpus, cfg = 'infer', 0, 1, {}

        def __init__(self, cfg: object) -> None:
            pass

        def get_command(self, cfg_path: str, template: str) -> str:
            return template.format(task_cmd=f'python -c "" && python3 -c "import os; print(os.environ[\'{PARENT}\'])"')

        def get_log_path(self, file_extension: str) -> str:
            return str(tmp_path / f'log.{file_extension}')

        def get_output_paths(self) -> list[str]:
            return []

        def forget_failures(self) -> None:
            pass

    for name in ('python', 'python3'):
        path = tmp_path / 'bin' / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('#!/bin/sh\nexit 7\n')
        path.chmod(0o755)
    odd = tmp_path / 'odd place' / 'mypython'
    odd.parent.mkdir()
    odd.write_text(f'#!/bin/sh\necho "$(basename "$0")"\nexec {sys.executable} "$@"\n')
    odd.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('PATH', f'{odd.parents[1]}/bin:/usr/bin:/bin')
    monkeypatch.setattr(sys, 'executable', str(odd))
    assert LocalRunner({'type': Task}).launch([{}]) == [('asks', 0)]
    assert (tmp_path / 'log.out').read_text() == f'mypython\nmypython\n{os.getpid()}\n'
