"""Which kind of failure it was, told from an exception or from a dead task's log."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from opencompass.utils import failures
from opencompass.utils.failures import Failure, digest, kind_of, message_of, read_log

CUDA_LOG = """Loading weights
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    model.to("cuda")
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB
"""
TORCHRUN_LOG = """E1124 02:00:00 1 api.py:869] failed (exitcode: -9) local_rank: 0 (pid: 77) of binary: /venv/bin/python
Traceback (most recent call last):
  File "/venv/bin/torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
openicl_infer.py FAILED
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  rank      : 0 (local_rank: 0)
  exitcode  : -9 (pid: 77)
  traceback : Signal 9 (SIGKILL) received by PID 77
============================================================
"""
TORCHRUN_BUG = TORCHRUN_LOG.replace('-9', '1').replace(
    'Signal 9 (SIGKILL) received by PID 77', 'To enable traceback see: ...'
)


class OutOfMemoryError(RuntimeError):
    """As torch's."""


class ReadTimeout(Exception):
    """As of requests and of httpx."""


@pytest.mark.parametrize(
    ('error', 'kind'),
    [
        (MemoryError('13 GiB'), 'out of memory'),
        (OutOfMemoryError('CUDA out of memory'), 'out of memory'),
        (OSError(errno.ENOSPC, 'No space left on device'), 'disk full'),
        (OSError(errno.EDQUOT, 'Disk quota exceeded'), 'disk full'),
        (ModuleNotFoundError("No module named 'jieba'"), 'missing package'),
        (FileNotFoundError('data/x.jsonl'), 'missing file'),
        (ConnectionRefusedError('refused'), 'network'),
        (TimeoutError('slow'), 'network'),
        (ReadTimeout('slow'), 'network'),
        (KeyboardInterrupt(), 'interrupted'),
        (ValueError('line 3: expected 6 columns'), 'bad input'),
        (UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'invalid'), 'bad input'),
        (PermissionError(errno.EACCES, 'Permission denied', 'x'), 'bad input'),
        (KeyError('answer'), 'bug'),
        (RuntimeError('?'), 'bug'),
    ],
)
def test_kind_of_an_exception(error: BaseException, kind: str) -> None:
    assert kind_of(error) == kind


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (ValueError('line 3:\n   expected 6\n\ncolumns'), 'line 3: expected 6 columns'),
        (
            FileNotFoundError(errno.ENOENT, 'No such file or directory', 'x.json'),
            "[Errno 2] No such file or directory: 'x.json'",
        ),
        (KeyError('answer'), "KeyError: 'answer'"),
        (RuntimeError(), 'RuntimeError'),
        (ValueError(), 'ValueError'),
        (MemoryError('13 GiB'), 'MemoryError: 13 GiB'),
        (socket.gaierror(-2, 'Name or service not known'), '[Errno -2] Name or service not known'),
    ],
)
def test_message_is_one_line_that_says_something(error: BaseException, message: str) -> None:
    assert message_of(error) == message


@pytest.mark.parametrize(
    ('log', 'code', 'kind', 'error'),
    [
        (
            CUDA_LOG,
            1,
            'out of memory',
            'exit code 1: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
        ),
        (
            'OSError: [Errno 28] No space left on device\n',
            1,
            'disk full',
            'exit code 1: OSError: [Errno 28] No space left on device',
        ),
        (
            "ModuleNotFoundError: No module named 'x'\n\n",
            1,
            'missing package',
            "exit code 1: ModuleNotFoundError: No module named 'x'",
        ),
        ('sh: 1: torchrun: not found\n', 127, 'missing package', 'exit code 127: sh: 1: torchrun: not found'),
        (
            "FileNotFoundError: No such file or directory: 'x'\n",
            1,
            'missing file',
            "exit code 1: FileNotFoundError: No such file or directory: 'x'",
        ),
        (
            'requests.exceptions.ConnectionError: HTTPSConnectionPool\n',
            1,
            'network',
            'exit code 1: requests.exceptions.ConnectionError: HTTPSConnectionPool',
        ),
        (
            'Traceback (most recent call last):\nKeyboardInterrupt\n',
            130,
            'interrupted',
            'exit code 130: KeyboardInterrupt',
        ),
        ("KeyError: 'answer'\nlast words\n", 1, 'bug', "exit code 1: KeyError: 'answer'"),
        ('no error line\n', 3, 'bug', 'exit code 3: no error line'),
        ('', 1, 'bug', 'exit code 1: it wrote nothing'),
        (
            'Loading 50%\n',
            -9,
            'killed',
            'exit code -9: killed from outside, for its memory or by a person; last line: Loading 50%',
        ),
        (
            '',
            143,
            'killed',
            'exit code 143: killed from outside, for its memory or by a person; last line: it wrote nothing',
        ),
        (
            TORCHRUN_LOG,
            1,
            'killed',
            'exit code -9: killed from outside, for its memory or by a person; last line: it wrote nothing',
        ),
        ("KeyError: 'answer'\n" + TORCHRUN_BUG, 1, 'bug', "exit code 1: KeyError: 'answer'"),
    ],
)
def test_log_tells_why_a_task_died(tmp_path: Path, log: str, code: int, kind: str, error: str) -> None:
    path = tmp_path / 'quiz.out'
    path.write_text(log)
    assert read_log(path, code) == (kind, error)


def test_log_that_is_long_or_binary_or_missing_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / 'quiz.out'
    path.write_bytes(b'MemoryError: old\n' + b'\xff' * 30_000 + b'\nKeyError: 1\n')
    assert read_log(path, 1) == ('bug', 'exit code 1: KeyError: 1')
    assert read_log(tmp_path / 'none.out', -9)[0] == 'killed'


def failure(dataset: str, error: str = 'x.json is not there', log: str = 'logs/a.out') -> Failure:
    return Failure('infer', 'm', dataset, 'missing file', error, log)


def test_digest_says_one_error_once() -> None:
    assert (
        digest([failure('a'), failure('b', 'y.json is not there', 'logs/b.out'), failure('c'), failure('d', log='')])
        == """\
4 failed:
  infer [missing file] m/a, m/c, m/d
      x.json is not there
      log: logs/a.out
  infer [missing file] m/b
      y.json is not there
      log: logs/b.out"""
    )


def test_digest_of_many_names_a_few() -> None:
    lines = digest([failure(str(number), log=f'logs/{number}.out') for number in range(57)]).splitlines()
    assert lines[1] == '  infer [missing file] m/0, m/1, m/2, m/3 and 53 more'
    assert len(lines) == 7


def test_digest_of_many_errors_of_a_kind_shows_the_first() -> None:
    lines = digest(
        [failure(str(number), f'{number}.json is not there', log='a.out') for number in range(57)]
    ).splitlines()
    assert lines[0] == '57 failed:'
    assert lines[-1] == '  infer [missing file] in the same way: m/4, m/5, m/6, m/7 and 49 more'
    assert len(lines) == 2 + 4 * 3


def test_records_come_back_inference_first_and_damaged_ones_are_passed_over(tmp_path: Path) -> None:
    late, early = Failure('eval', 'org/m', 'b', 'bug', '错'), failure('a')
    for one in (late, early):
        failures.record(str(tmp_path), one)
    (tmp_path / 'logs/infer/torn.error.json').write_text('{"stage": ')
    assert failures.recorded(str(tmp_path)) == [early, late]
    failures.clear(str(tmp_path), 'eval', 'org/m', 'b')
    failures.clear(str(tmp_path), 'eval', 'org/m', 'b')
    assert failures.recorded(str(tmp_path)) == [early]


def test_log_folder_that_is_a_file_stops_neither_recording_nor_clearing(tmp_path: Path) -> None:
    (tmp_path / 'logs').touch()
    failures.record(str(tmp_path), failure('a'))
    failures.clear(str(tmp_path), 'infer', 'm', 'a')
    assert failures.recorded(str(tmp_path)) == []
