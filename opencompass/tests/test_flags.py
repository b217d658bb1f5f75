"""The flags of run.py, and what they make of a config's own sections."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cluster import ALIYUN
from mmengine.config import Config
from project import make_project, run, run_folder

from opencompass.cli import run_stage
from opencompass.flags import parse_args
from opencompass.runners import LocalRunner
from opencompass.stages import section
from opencompass.utils.logging import get_logger

SLURM = {'type': 'SlurmRunner', 'partition': 'mine', 'quotatype': 'auto', 'task': {'type': 'OpenICLInferTask'}}
LOCAL = {'type': 'opencompass.runners.LocalRunner', 'max_num_workers': 3, 'task': {'type': 'OpenICLInferTask'}}


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged as a warning."""
    found: list[str] = []
    monkeypatch.setattr(get_logger(), 'warning', found.append)
    return found


def runner(stage: str, sections: dict[str, Any], *flags: str) -> dict[str, Any]:
    """The runner of a stage, of a config whose sections have these runners."""
    cfg = Config({name: {'partitioner': {'type': 'NaivePartitioner'}, 'runner': one} for name, one in sections.items()})
    return dict(section(stage, cfg, parse_args(['eval.py', *flags]))['runner'])


@pytest.mark.parametrize(
    ('flags', 'partition', 'quotatype'),
    [
        ([], 'mine', 'auto'),
        (['-p', 'other'], 'other', 'auto'),
        (['-q', 'spot'], 'mine', 'spot'),
        (['-p', 'other', '-q', 'spot'], 'other', 'spot'),
    ],
)
def test_partition_and_quota_type_replace_only_themselves(
    flags: list[str], partition: str, quotatype: str, warnings: list[str]
) -> None:
    assert runner('eval', {'eval': SLURM}, *flags) == {**SLURM, 'partition': partition, 'quotatype': quotatype}
    assert warnings == []


@pytest.mark.parametrize('stage', ['infer', 'eval'])
@pytest.mark.parametrize('flag', ['-p', '-q'])
def test_a_partition_that_does_nothing_is_warned_about_at_each_stage(
    stage: str, flag: str, warnings: list[str]
) -> None:
    assert runner(stage, {'infer': LOCAL, 'eval': LOCAL}, flag, 'gpu') == LOCAL
    [warning] = warnings
    assert f'the `{stage}` section of the config runs tasks with opencompass.runners.LocalRunner' in warning


def test_a_partition_needs_no_infer_section(warnings: list[str]) -> None:
    """A config may have a section for one stage only."""
    assert runner('infer', {'eval': SLURM}, '-p', 'gpu')['type'] == 'LocalRunner'
    assert runner('eval', {'eval': SLURM}, '-p', 'gpu')['partition'] == 'gpu'
    assert warnings == []


@pytest.mark.parametrize('stage', ['infer', 'eval'])
@pytest.mark.parametrize(
    ('flags', 'given', 'wanted'),
    [
        ([], {'keep_alive': False}, False),
        (['--keep-alive'], {'keep_alive': False}, True),
        (['--no-keep-alive'], {}, False),
    ],
)
def test_processes_stay_as_the_flag_says_or_else_the_config(
    stage: str, flags: list[str], given: dict[str, bool], wanted: bool, warnings: list[str]
) -> None:
    assert runner(stage, {stage: {**LOCAL, **given}}, *flags)['keep_alive'] is wanted
    assert runner(stage, {stage: SLURM}, *flags) == SLURM
    assert 'keep_alive' not in runner(stage, {}, '--slurm', '-p', 'gpu', *flags)


def test_the_usual_runner_lets_processes_stay_unless_the_flag_forbids() -> None:
    assert 'keep_alive' not in runner('infer', {})
    assert runner('infer', {}, '--no-keep-alive')['keep_alive'] is False
    assert LocalRunner({'type': 'OpenICLInferTask'}).keep_alive


def test_the_infer_section_makes_flags_void_and_a_warning_says_which(warnings: list[str]) -> None:
    assert runner('infer', {'infer': LOCAL}, '--max-num-workers', '9') == LOCAL
    [warning] = warnings
    assert '--max-num-workers' in warning


def test_a_section_keeps_its_debug_mode_without_the_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[dict[str, Any]] = []

    class Asked(LocalRunner):
        """Keeps its settings."""

        def __init__(self, type: str, **settings: Any) -> None:
            super().__init__(**settings)
            built.append(settings)

    monkeypatch.setattr('opencompass.cli.RUNNERS', SimpleNamespace(build=lambda cfg: Asked(**cfg)))
    runners = {'task': {'type': 'OpenICLEvalTask'}, 'debug': True, 'lark_bot_url': None}
    sections = {'eval': {'partitioner': {'type': 'NaivePartitioner'}, 'runner': {'type': 'LocalRunner', **runners}}}
    cfg = Config({'models': [], 'datasets': [], 'work_dir': str(tmp_path), **sections})
    run_stage('eval', cfg, parse_args(['eval.py']))
    assert built == [runners]


def test_slurm_and_dlc_override_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: list[str]) -> None:
    file = tmp_path / '.aliyun.cfg'
    file.write_text(''.join(f'{name} = {value!r}\n' for name, value in ALIYUN.items()))
    monkeypatch.setenv('HOME', str(tmp_path))
    dlc = runner('eval', {'eval': LOCAL}, '--dlc', '--retry', '5')
    usual = {'task': {'type': 'OpenICLEvalTask'}, 'max_num_workers': 32, 'retry': 5}
    assert dlc == {'type': 'DLCRunner', **usual, 'aliyun_cfg': ALIYUN}
    slurm = runner('eval', {'eval': LOCAL}, '--slurm', '-p', 'gpu', '--retry', '5')
    assert slurm == {'type': 'SlurmRunner', **usual, 'partition': 'gpu', 'quotatype': None}
    assert [warning.split(' overrides')[0] for warning in warnings] == ['--dlc', '--slurm']


def test_a_flag_that_lacks_another_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    with pytest.raises(AssertionError, match='add -p PARTITION'):
        parse_args(['eval.py', '--slurm'])
    with pytest.raises(AssertionError, match=f'{tmp_path}/.aliyun.cfg does not exist: name it with --aliyun-cfg'):
        parse_args(['eval.py', '--dlc'])


@pytest.mark.slow
def test_a_missing_flag_is_an_error_without_traceback(tmp_path: Path) -> None:
    done = run(make_project(tmp_path), '--slurm')
    assert done.returncode == 1
    assert done.stderr.startswith('error: --slurm needs the partition')


@pytest.mark.slow
def test_a_run_that_does_not_exist_is_not_begun_by_reuse(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    (folder / 'out/20200101_000000').mkdir(parents=True)
    done = run(folder, '-m', 'eval', '-r', '20200101_000001')
    assert done.returncode == 1
    assert 'no such run in out; newest runs there: 20200101_000000' in done.stderr
    assert [path.name for path in (folder / 'out').iterdir()] == ['20200101_000000']


@pytest.mark.slow
def test_a_table_without_a_run_is_refused(tmp_path: Path) -> None:
    done = run(make_project(tmp_path), '-m', 'viz', '-r')
    assert done.returncode == 1
    assert 'there is no run in out yet' in done.stderr
    assert not (tmp_path / 'out').exists()


@pytest.mark.slow
def test_a_dry_run_of_the_table_writes_none(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    (folder / 'out/20200101_000000').mkdir(parents=True)
    done = run(folder, '-m', 'viz', '-r', '--dry-run')
    assert done.returncode == 0, done.stderr
    assert not (run_folder(folder) / 'summary').exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ('url', 'told'),
    [('', 'has no `lark_bot_url`'), ("lark_bot_url = 'http://127.0.0.1:9/hook'\n", 'No message was sent')],
)
def test_lark_without_address_or_connection_stops_nothing(tmp_path: Path, url: str, told: str) -> None:
    folder = make_project(tmp_path, rows=2, config=f'\ndatasets = [gen]\n{url}')
    done = run(folder, '-l', '--debug')
    assert done.returncode == 0, done.stderr
    assert told in done.stderr
    assert list(run_folder(folder).rglob('results/fake/gen.json'))


@pytest.mark.slow
def test_an_address_that_is_not_there_is_not_written_into_the_config(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    assert run(folder, '--dry-run').returncode == 0
    [config] = run_folder(folder).glob('configs/*.py')
    assert 'lark_bot_url' not in config.read_text()


@pytest.mark.slow
def test_failures_that_a_task_only_notes_count_in_debug_mode_too(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path, config="\ndatasets = [dict(gen, eval_cfg=dict(evaluator=dict(type='parts.NoEvaluator')))]\n"
    )
    done = run(folder, '--debug')
    assert done.returncode == 1
    assert 'eval [bad input] fake/gen' in done.stderr
    assert '- (bad input)' in done.stdout
    assert '- (bad input)' in run(folder, '-m', 'viz', '-r').stdout
