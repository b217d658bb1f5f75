"""Tasks through `srun` and `dlc`: retries, names, files, and what is left when a person stops the run."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
from cluster import ALIYUN, Work, launched, make_cluster, programs, work
from project import STUCK, STUCK_CONFIG, make_project, predictions, run, run_folder, started, stuck

from opencompass.runners import DLCRunner, LocalRunner, SlurmRunner
from opencompass.runners._files import config_file
from opencompass.runners.base import BaseRunner
from opencompass.tasks import OpenICLInferTask
from opencompass.utils import failures
from opencompass.utils.logging import get_logger


def slurm(**settings: Any) -> SlurmRunner:
    return SlurmRunner({'type': Work}, **settings)


def dlc(**settings: Any) -> DLCRunner:
    return DLCRunner({'type': Work}, ALIYUN, **settings)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged as a warning."""
    found: list[str] = []
    monkeypatch.setattr(get_logger(), 'warning', found.append)
    return found


@pytest.mark.parametrize('make', [slurm, dlc])
def test_a_task_is_started_again_until_its_outputs_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    make_cluster(tmp_path, monkeypatch, 3, 'lost', 0)
    runner = make(retry=5)
    assert runner([work('a')]) == [('Work[m/a]', 0)]
    assert len(launched()) == 3
    assert Path('out/logs/infer/m/a.out').read_text().split('\n') == [
        'worked: 3',
        '',
        'Start 2 of 6, after exit code 3',
        'worked: lost',
        '',
        'Start 3 of 6, after exit code 0',
        'worked: 0',
        '',
    ]
    assert runner.failures == []
    assert list(Path('tmp').iterdir()) == []


@pytest.mark.parametrize('runner', [slurm(retry=0), dlc(retry=0), LocalRunner({'type': Work})])
def test_exit_code_0_without_outputs_is_a_failure_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: BaseRunner
) -> None:
    make_cluster(tmp_path, monkeypatch, 'lost')
    assert runner([work('a')]) == [('Work[m/a]', 1)]
    [failure] = runner.failures
    assert failure.error == 'it ended with exit code 0, but without its output; last line: worked: lost'


def test_retries_end_and_the_last_exit_code_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cluster(tmp_path, monkeypatch, 1, 2, 3, 0)
    assert slurm(retry=2)([work('a')]) == [('Work[m/a]', 3)]
    assert len(launched()) == 3


@pytest.mark.parametrize('make', [slurm, dlc])
def test_a_failed_task_names_its_log_and_leaves_the_next_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: list[str], make: Any
) -> None:
    make_cluster(tmp_path, monkeypatch, 7, 0)
    runner = make(retry=0, max_num_workers=1)
    assert runner([work('a'), work('b')]) == [('Work[m/a]', 7), ('Work[m/b]', 0)]
    assert warnings == ['task Work[m/a] fail, see\nout/logs/infer/m/a.out']
    assert [(one.dataset, one.log) for one in runner.failures] == [('a', 'out/logs/infer/m/a.out')]


def test_a_reason_of_an_earlier_start_does_not_stand_for_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_cluster(tmp_path, monkeypatch, 137)
    failures.record('out', failures.Failure('infer', 'm', 'a', 'network', 'of a start before'))
    runner = slurm(retry=0)
    runner([work('a')])
    assert [one.kind for one in runner.failures] == ['killed']


@pytest.mark.parametrize(('make', 'flag'), [(slurm, '-J'), (dlc, '--name')])
@pytest.mark.parametrize('model', ["it's", 'a{b}', '{task_cmd}', 'x[ab]', '$(touch caught)', 'two words;', '模型', '*'])
def test_names_arrive_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any, flag: str, model: str
) -> None:
    make_cluster(tmp_path, monkeypatch, 0)
    monkeypatch.setattr(Work, 'get_output_paths', lambda self: [])
    Path('Worka').mkdir()  # what Work[x[ab]/a] is a pattern for
    Path('Worka/a]').touch()
    assert make(retry=0)([work('a', model)]) == [(f'Work[{model}/a]', 0)]
    [words] = launched()
    assert words[words.index(flag) + 1] == f'Work[{model}/a]'
    assert not Path('caught').exists()


def test_config_files_of_the_same_process_number_are_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr('os.getpid', lambda: 12)
    monkeypatch.setattr('platform.node', lambda: 'node-1.example')
    Path('tmp').mkdir()
    Path('tmp/12_params.py').write_text('of another machine')
    with config_file({'a': 1}) as one, config_file({'a': 2}) as two:
        assert [one.name, two.name] == ['12_node-1-example_1_params.py', '12_node-1-example_2_params.py']
        assert [one.read_text(), two.read_text()] == ['a=1', 'a=2']
    assert [path.read_text() for path in Path('tmp').iterdir()] == ['of another machine']


def test_tasks_at_the_same_time_have_each_its_own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cluster(tmp_path, monkeypatch)
    monkeypatch.setattr(SlurmRunner, 'stagger', 0)
    both, configs = threading.Barrier(2), []

    def start(self: BaseRunner, config: Path, *args: Any) -> int:
        both.wait(timeout=20)
        configs.append(config)
        return 1

    monkeypatch.setattr(SlurmRunner, '_start', start)
    slurm(retry=0, max_num_workers=2)([work('a'), work('b')])
    assert len(set(configs)) == 2


def test_a_task_that_cannot_be_written_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cluster(tmp_path, monkeypatch, 0)
    Path('out/logs/infer').mkdir(parents=True)
    Path('out/logs/infer/m1').write_text('where the folder of logs would be')
    runner = slurm(retry=0)
    assert runner([work('a', 'm1'), work('a', 'm2')]) == [('Work[m1/a]', 1), ('Work[m2/a]', 0)]
    assert [one.kind for one in runner.failures] == ['bad input']


def test_gpus_are_asked_for_by_the_model_that_needs_most() -> None:
    models = [{'type': 'opencompass.models.FakeModel', 'run_cfg': {'num_gpus': number}} for number in (0, 2)]
    task = OpenICLInferTask({'models': models, 'datasets': [[{}], [{}]], 'work_dir': 'out'})
    assert task.num_gpus == 2


def test_a_task_without_data_sets_is_refused() -> None:
    with pytest.raises(IndexError, match='needs a model and a data set'):
        slurm()([{'models': [{'abbr': 'm'}], 'datasets': [[]], 'work_dir': 'out'}])


def test_all_missing_settings_of_dlc_are_named() -> None:
    with pytest.raises(KeyError, match=r"--aliyun-cfg.* lack \['conda_env_name', 'worker_image'\]"):
        settings = {name: value for name, value in ALIYUN.items() if name not in ('conda_env_name', 'worker_image')}
        DLCRunner({'type': Work}, settings)


def test_numbers_that_run_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match='--max-num-workers'):
        slurm(max_num_workers=0)
    with pytest.raises(ValueError, match='--retry'):
        slurm(retry=-1)


@pytest.mark.slow
@pytest.mark.parametrize('place', ['--slurm', '--dlc'])
def test_clusters_give_the_predictions_of_this_machine(tmp_path: Path, place: str) -> None:
    here = make_project(tmp_path / 'here', config='\ndatasets = [gen, ppl]\n')
    settings = ''.join(f'{name} = {value!r}\n' for name, value in ALIYUN.items())
    files = {'aliyun.py': settings, 'bashrc': 'conda() { :; }\n'}
    there = make_project(tmp_path / "there, it's", config='\ndatasets = [gen, ppl]\n', **files)
    assert run(here, '-m', 'infer', '--debug').returncode == 0
    flags = ['--slurm', '-p', 'gpu'] if place == '--slurm' else ['--dlc', '--aliyun-cfg', 'aliyun.py']
    done = run(there, '-m', 'infer', *flags, '--debug', PATH=programs(there / 'bin'))
    assert done.returncode == 0, done.stderr
    assert predictions(there) == predictions(here)
    assert len(launched(there)) == 1


@pytest.mark.slow
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('mode', [[], ['--debug']])
def test_a_stopped_run_leaves_nothing_running(tmp_path: Path, mode: list[str], number: int) -> None:
    folder = make_project(tmp_path, config=STUCK_CONFIG, **{'stuck.py': STUCK})
    path = programs(folder / 'bin')
    process = started(folder, '-m', 'infer', '--slurm', '-p', 'gpu', *mode, PATH=path)
    below = psutil.Process(process.pid)
    tasks = stuck(folder)
    children = below.children(recursive=True)
    assert tasks[0] in children
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert [child for child in children if child.is_running()] == []
    assert f'-r {run_folder(folder).name}' in errors
    assert list((folder / 'tmp').iterdir()) == []
    assert len(launched(folder)) == 1


@pytest.mark.slow
def test_a_task_on_another_machine_outlives_no_process_of_this_one(tmp_path: Path) -> None:
    """The number of run.py's process says nothing on another machine, where a task must not wait for its end."""
    asks = "\nimport os\nopen('asked', 'w').write(str('OPENCOMPASS_PARENT' in os.environ))\n"
    config = "\nmodels = [dict(models[0], type='asks.FakeModel')]\ndatasets = [gen]\n"
    files = {'asks.py': f'from opencompass.models import FakeModel{asks}'}
    folder = make_project(tmp_path, rows=2, config=config, **files)
    done = run(folder, '-m', 'infer', '--slurm', '-p', 'gpu', '--debug', PATH=programs(folder / 'bin'))
    assert done.returncode == 0, done.stderr
    assert (folder / 'asked').read_text() == 'False'


def test_a_runner_of_ones_own_needs_only_launch() -> None:
    class Mine(BaseRunner):
        """As one was written for OpenCompass 0.1."""

        def launch(self, tasks: Any) -> Any:
            return ((f'task {one}', 0) for one in tasks)

    assert Mine({'type': Work}, False, None)([1, 2]) == [('task 1', 0), ('task 2', 0)]


def test_the_report_says_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple] = []
    monkeypatch.setattr('opencompass.utils.lark.LarkReporter.post', lambda self, *message: sent.append(message))
    monkeypatch.setattr('getpass.getuser', lambda: 'me')
    runner = LocalRunner({'type': Work}, lark_bot_url='https://lark.example')
    runner.summarize([('Work[m/a]', 0), ('Work[m/b]', 1)])
    runner([])
    text = "me 's Work tasks finished. 1 tasks succeeded, 1 tasks failed. Failed tasks are:\nWork[m/b]"
    good = "me's Work tasks finished. 0 tasks succeeded."
    assert sent == [(text, 'Bad news: 1 failed.'), (good, 'Great news: all tasks finished!')]


def test_a_message_that_cannot_be_sent_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def post(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError('no network')

    monkeypatch.setattr('requests.post', post)
    assert LocalRunner({'type': Work}, lark_bot_url='https://lark.example')([]) == []
