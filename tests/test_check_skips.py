"""The check that no test is skipped which the machine could run."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / 'scripts' / 'check_skips.py'

TESTS = """
import pytest
def test_runs(): pass
@pytest.mark.skip(reason={reason!r})
def test_skipped(): pass
@pytest.mark.xfail
def test_known(): assert False
"""


@pytest.fixture(scope='module')
def check_skips() -> ModuleType:
    spec = importlib.util.spec_from_file_location('check_skips', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules['check_skips'] = module
    spec.loader.exec_module(module)
    return module


def report_of(folder: Path, tests: str) -> Path:
    """The report that pytest itself writes about these tests."""
    (folder / 'test_given.py').write_text(tests)
    report = folder / 'report.xml'
    command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', f'--rootdir={folder}', '-c', '/dev/null']
    subprocess.run([*command, f'--junit-xml={report}', folder / 'test_given.py'], capture_output=True, cwd=folder)
    return report


def test_gpu_skip_is_allowed_and_counts_end_the_output(check_skips, tmp_path, capsys) -> None:
    report = report_of(tmp_path, TESTS.format(reason='needs a GPU with 24 GB'))
    assert check_skips.main(report) == 0
    assert capsys.readouterr().out == '1 passed, 0 failed, 1 skipped\n'


def test_any_other_skip_is_refused_by_name_and_reason(check_skips, tmp_path, capsys) -> None:
    report = report_of(tmp_path, TESTS.format(reason='needs slurmctld'))
    assert check_skips.main(report) == 1
    assert capsys.readouterr().out.splitlines() == [
        'test_given.test_skipped: skipped, though this machine could run it: needs slurmctld',
        '1 passed, 0 failed, 1 skipped',
    ]


@pytest.mark.parametrize(('is_there', 'code'), [(False, 0), (True, 1)])
def test_recorded_behaviour_is_skipped_only_where_it_is_absent(check_skips, tmp_path, is_there, code) -> None:
    report = report_of(tmp_path, TESTS.format(reason='needs ../shared/conformance/templates.json'))
    recorded = tmp_path / 'shared' / 'conformance'
    if is_there:
        recorded.mkdir(parents=True)
    assert check_skips.main(report, recorded) == code


def test_module_skipped_as_a_whole_is_seen(check_skips, tmp_path, capsys) -> None:
    report = report_of(tmp_path, "import pytest\npytest.skip('needs chromium', allow_module_level=True)")
    assert check_skips.main(report) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == 'test_given: skipped, though this machine could run it: needs chromium'


def test_failure_fails_though_nothing_was_skipped(check_skips, tmp_path, capsys) -> None:
    assert check_skips.main(report_of(tmp_path, 'def test_a(): pass\ndef test_b(): assert 0')) == 1
    assert capsys.readouterr().out == '1 passed, 1 failed, 0 skipped\n'


def test_a_run_without_tests_or_report_fails(check_skips, tmp_path) -> None:
    assert check_skips.main(report_of(tmp_path, '')) == 1
    with pytest.raises(SystemExit, match='no such report'):
        check_skips.main(tmp_path / 'absent.xml')
