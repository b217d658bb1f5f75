"""Processes that do one task after the other: what they keep, and what they must not."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from mmengine.config import Config
from project import STUCK, make_project, predictions, started, stuck

from opencompass.models import FakeModel
from opencompass.runners import LocalRunner
from opencompass.runners._workers import Place, Workers, workers
from opencompass.tasks import ModelEvaluator, OpenICLEvalTask, OpenICLInferTask, _models, _worker
from opencompass.tasks._worker import Order
from opencompass.utils import config as configs
from opencompass.utils import failures, progress

#: A process as `_worker.work` is one, without the imports: its first task is nothing, of each other it writes the name
#: of the config into the log, and dies of one that is called so. At its end it has a last word, as torchrun has.
STAND_IN = f"""
import json, os, socket
runner = socket.socket(socket.AF_UNIX)
runner.connect(os.environ['{_worker.VARIABLE}'])
while True:
    runner.sendall(str(os.getpid()).encode())
    text, logs, _, _ = socket.recv_fds(runner, 1000, 1)
    if not text:
        break
    config = json.loads(text)[0]
    os.write(logs[0], f'{{config}}\\n'.encode())
    os.close(logs[0])
    if config == 'die':
        print('last word', flush=True)
        os._exit(9)
"""

#: Models that tell which process they are in; one dies of what it is asked.
MODELS = '''
import os
import signal

from opencompass.models import FakeModel


class TellingModel(FakeModel):
    """Writes down its process."""

    def _think(self, text):
        with open('processes.txt', 'a') as file:
            print(os.getpid(), file=file)
        if text.startswith('die'):
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._think(text)
'''
DATASETS = """
def _asked(abbr, template='Q: {question}', **more):
    return dict(_dataset(abbr, dict(type=GenInferencer, max_out_len=20),
                         prompt_template=dict(type=PromptTemplate, template=template)), **more)


models = [dict(models[0], type='telling.TellingModel', abbr=abbr, seconds=seconds)
          for abbr, seconds in (('a', 0.0), ('b', 0.0001))]
datasets = [_asked('d0'), _asked('d1'), _asked('d2', 'die {question}'), _asked('d3', data_files=dict(test='none.json'))]
"""


@pytest.fixture
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks on the CPU run one after the other."""
    monkeypatch.setattr('os.cpu_count', lambda: 1)
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '')


def tasks(folder: Path, *names: str) -> list[Config]:
    """Tasks of the project, each `MODEL/DATASET`."""
    cfg = configs.normalised(configs.load(str(folder / 'eval.py')), folder / 'whole.py')
    models, datasets = ({one['abbr']: one for one in entries} for entries in (cfg.models, cfg.datasets))
    pairs = [name.split('/') for name in names]
    work_dir = str(folder / 'out/run')
    return [
        Config({'models': [models[model]], 'datasets': [[datasets[dataset]]], 'work_dir': work_dir})
        for model, dataset in pairs
    ]


def launched(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str, keep_alive: bool = True
) -> tuple[list[int], int, list[str]]:
    """Exit codes of tasks on an empty project, how often a model was loaded, and the processes as letters in the order
    of the samples."""
    make_project(folder, rows=4, config=DATASETS, **{'telling.py': MODELS})
    monkeypatch.chdir(folder)
    status = LocalRunner({'type': 'OpenICLInferTask'}, keep_alive=keep_alive).launch(tasks(folder, *names))
    logs = ''.join(path.read_text() for path in (folder / 'out').rglob('*.out'))
    seen = [*dict.fromkeys((folder / 'processes.txt').read_text().split())]
    return [code for _, code in status], logs.count('Loading model fake'), seen


@pytest.mark.slow
@pytest.mark.usefixtures('one_core')
def test_a_model_is_loaded_once_though_tasks_of_another_stand_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, plain = tmp_path / 'kept', tmp_path / 'plain'
    codes, loads, processes = launched(kept, monkeypatch, 'a/d0', 'b/d0', 'a/d1')
    assert (codes, loads, len(processes)) == ([0, 0, 0], 2, 2)
    codes, loads, processes = launched(plain, monkeypatch, 'a/d0', 'a/d1', keep_alive=False)
    assert (codes, loads, len(processes)) == ([0, 0], 2, 2)
    found = predictions(kept)
    assert found.pop('b/d0.json')
    assert found == predictions(plain)
    assert [text.read_text().count('Start inferencing') for text in kept.rglob('*.out')] == [1, 1, 1]


@pytest.mark.slow
@pytest.mark.usefixtures('one_core')
def test_a_task_that_fails_or_dies_ends_its_process_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes, loads, processes = launched(tmp_path, monkeypatch, 'a/d3', 'a/d0', 'a/d2', 'a/d1')
    assert [bool(code) for code in codes] == [True, False, True, False]
    assert codes[2] in failures.KILLED
    assert (loads, len(processes)) == (3, 2)  # d3 had not begun to ask
    found = [failures.read(str(tmp_path / 'out/run'), 'infer', 'a', f'd{number}') for number in range(4)]
    assert [one and one.kind for one in found] == [None, None, 'killed', 'missing file']
    assert found[2] is not None
    assert Path(found[2].log).name == 'd2.out'


@pytest.mark.slow
@pytest.mark.usefixtures('one_core')
def test_a_process_at_its_second_task_ends_with_run_py(tmp_path: Path) -> None:
    ready = "infer = dict(partitioner=dict(type='NaivePartitioner'), runner=dict(type='LocalRunner', task=dict(type="
    folder = make_project(
        tmp_path,
        rows=2,
        config=f"{DATASETS.replace('die {question}', 'stay')}{ready}'OpenICLInferTask')))\n"
        "models = [dict(models[0], type='stuck.StuckLater')]\ndatasets = [datasets[0], datasets[2], datasets[1]]\n",
        **{
            'stuck.py': STUCK + '\n\nclass StuckLater(StuckModel):\n    def _think(self, text):\n'
            "        return super()._think(text) if text == 'stay' else text\n"
        },
    )
    process = started(folder)
    [task] = stuck(folder)
    assert [path.stem for path in (folder / 'out').rglob('predictions/*/d?.json')] == ['d0']
    process.kill()
    _, alive = psutil.wait_procs([task], timeout=6)
    process.communicate()
    assert alive == []


def test_debug_mode_loads_a_model_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    monkeypatch.setattr(_models, 'build_model_from_cfg', lambda cfg: built.append(cfg['abbr']) or FakeModel())
    make_project(tmp_path, rows=2, config=DATASETS, **{'telling.py': MODELS})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for keep_alive, wanted in ((True, ['a', 'b']), (False, ['a', 'a', 'b'])):
        built.clear()
        cfgs = tasks(tmp_path, 'a/d0', 'a/d1', 'b/d0')
        LocalRunner({'type': 'OpenICLInferTask'}, debug=True, keep_alive=keep_alive).launch(cfgs)
        assert built == wanted


def test_a_kept_model_has_the_same_random_numbers_for_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy
    import torch

    def numbers() -> tuple[float, ...]:
        return random.random(), numpy.random.rand(), torch.rand(1).item()

    def build(cfg: Any) -> FakeModel:
        numbers()
        return FakeModel()

    monkeypatch.setattr(_models, 'build_model_from_cfg', build)
    with _models.keeping():
        drawn = [(_models.load({'type': 'FakeModel', 'batch_size': size}), numbers()) for size in (1, 2)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ('changed', 'is_same'),
    [
        ({'abbr': 'x', 'batch_size': 9, 'max_out_len': 9, 'run_cfg': {'num_gpus': 2}}, True),
        ({'generation_kwargs': {'do_sample': True}}, False),
        ({'max_seq_len': 9}, False),
        ({'meta_template': {'round': []}}, False),
    ],
)
def test_a_model_is_the_same_if_all_that_its_class_gets_is(changed: dict[str, Any], is_same: bool) -> None:
    usual = {'abbr': 'm', 'type': 'FakeModel', 'path': 'p', 'batch_size': 1}
    assert (_models.identity({**usual, **changed}) == _models.identity(usual)) is is_same


def test_the_kept_model_goes_before_another_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    before: list[weakref.ref] = []

    def build(cfg: Any) -> FakeModel:
        assert [one() for one in before] in ([], [None])
        model = FakeModel()
        before[:] = [weakref.ref(model)]
        return model

    monkeypatch.setattr(_models, 'build_model_from_cfg', build)
    with _models.keeping():
        for path in ('a', 'b'):
            _models.load({'type': 'FakeModel', 'path': path})
        assert before[0]() is not None
    assert before[0]() is None


def test_a_task_leaves_no_trace_in_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('KEPT', 'yes')
    folder, places = Path.cwd(), [*sys.path]

    def warn() -> int:
        with warnings.catch_warnings(record=True) as found:
            warnings.warn_explicit('once', UserWarning, 'x.py', 1, registry=registry)
        return len(found)

    def do(config: str) -> None:
        os.chdir(tmp_path)
        os.environ['MADE'] = os.environ.pop('KEPT')
        sys.path.insert(0, config)
        seen.append(warn())
        warnings.simplefilter('ignore')

    seen: list[int] = []
    registry: dict[str, Any] = {}
    for _ in range(2):
        _worker._apart(do, 'c.py')
        assert (Path.cwd(), sys.path, os.environ['KEPT'], 'MADE' in os.environ) == (folder, places, 'yes', False)
    assert seen == [1, 1]


def test_progress_of_a_further_task_begins_at_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress.VARIABLE, '')
    files = [tmp_path / 'first', tmp_path / 'second']
    for file in files:
        progress.start(str(file))
        with progress.progress(3, 0, 'x'):
            pass
    assert [progress.read(file) for file in files] == [(3, 3), (3, 3)]


class Pool:
    """Workers with stand-ins for processes; keeps which were started, and whether to stay."""

    def __init__(self, found: Workers, folder: Path) -> None:
        self.workers, self.folder = found, folder
        self.started: list[bool] = []

    def run(self, name: str, kind: str, *gpus: str) -> tuple[int, str]:
        """Exit code and log of a task."""
        path = self.folder / f'{name}.out'
        with path.open('w') as log:
            code = self.workers.run(Place(kind, gpus), self._start(log), Order(name, ''), log)
        return code, path.read_text()

    def _start(self, log: IO[str]) -> Callable[..., int]:
        def start(**more: str) -> int:
            self.started.append(bool(more))
            if not more:
                return 0
            return subprocess.run([sys.executable, '-c', STAND_IN], env={**os.environ, **more}, stdout=log).returncode

        return start

    @property
    def free(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(one.place.kind, one.place.gpus) for one in self.workers.free]


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    with workers('AAAAABBB') as found:
        yield Pool(found, tmp_path)
    assert psutil.Process().children(recursive=True) == []


def test_a_process_is_used_again_where_it_is_and_for_its_kind_only(pool: Pool) -> None:
    assert pool.run('a0', 'A', '0') == (0, '')
    assert pool.run('a1', 'A', '0') == (0, 'a1\n')
    assert pool.run('b0', 'B', '1') == (0, '')
    assert pool.free == [('A', ('0',)), ('B', ('1',))]
    assert pool.run('b1', 'B', '0') == (0, '')  # which ends the one of A there
    assert pool.free == [('B', ('1',)), ('B', ('0',))]
    assert pool.started == [True, True, True]


def test_on_the_cpu_the_model_of_another_kind_makes_room(pool: Pool) -> None:
    pool.run('a0', 'A')
    pool.run('b0', 'B')
    assert pool.free == [('B', ())]


def test_a_task_of_no_kind_ends_what_stands_on_its_gpu(pool: Pool) -> None:
    pool.run('a0', 'A', '0')
    pool.run('other', '', '0')
    assert pool.free == []
    assert pool.started == [True, False]


def test_no_process_stays_when_no_task_is_left(pool: Pool) -> None:
    for number in range(3):
        pool.run(f'b{number}', 'B')
    assert pool.free == []
    pool.run('b3', 'B')
    assert pool.started == [True, False]


def test_a_process_that_died_while_nobody_looked_is_replaced(pool: Pool) -> None:
    pool.run('a0', 'A')
    [free] = pool.workers.free
    assert free.process is not None
    psutil.Process(free.process).kill()
    time.sleep(0.2)
    assert pool.run('a1', 'A') == (0, '')
    assert pool.started == [True, True]


def test_what_a_command_says_of_a_death_stands_in_the_log_of_that_task(pool: Pool) -> None:
    pool.run('a0', 'A')
    assert pool.run('die', 'A') == (9, 'die\nlast word\n')
    assert (pool.folder / 'a0.out').read_text() == ''
    assert pool.run('a2', 'A') == (0, '')


class Wrapped(OpenICLInferTask):
    """Starts its process in a way of its own."""

    def get_command(self, cfg_path: str, template: str) -> str:
        return f'nice {super().get_command(cfg_path, template)}'


def test_only_tasks_whose_process_can_stay_have_a_kind(tmp_path: Path) -> None:
    make_project(tmp_path, config=DATASETS)
    [a0, a1, b0] = tasks(tmp_path, 'a/d0', 'a/d1', 'b/d0')
    a0['judge'] = {'type': 'FakeModel'}
    runner = LocalRunner({'type': 'OpenICLInferTask'})

    def kinds(task: type) -> list[str]:
        only = ('judge',) if task is not ModelEvaluator else ()
        return [runner.kind(task({name: one[name] for name in one if name not in only})) for one in (a0, a1, b0)]

    first, second, other = kinds(OpenICLInferTask)
    assert first == second != other
    assert len({*kinds(OpenICLEvalTask)}) == 1
    assert kinds(Wrapped) == ['', '', '']
    assert runner.kind(ModelEvaluator(a0)) == ''
    assert LocalRunner({'type': 'OpenICLInferTask'}, keep_alive=False).kind(OpenICLInferTask(a1)) == ''
    a0['models'][0]['run_cfg'] = {'num_gpus': 2, 'num_procs': 2}
    assert runner.kind(OpenICLInferTask(a0)) == ''
    assert json.loads(first)[1:3] == [0, 4]
