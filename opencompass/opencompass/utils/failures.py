"""What went wrong with a data set of a model: recorded by the task, or by the runner for a task that died, and read for
the table.

A record lies beside the logs, `WORK_DIR/logs/{infer,eval}/MODEL/DATASET.error.json`, and goes when the data set
succeeds.
"""

from __future__ import annotations

import errno
import json
import re
import shutil
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from .files import write_json

#: How a log's last lines tell the kind of a failure that its process did not live to record: the first that is found.
SIGNS = {
    'out of memory': r'out of memory|OutOfMemory|MemoryError|oom-kill|CUBLAS_STATUS_ALLOC_FAILED',
    'disk full': r'No space left on device|Disk quota exceeded',
    'missing package': r'ModuleNotFoundError|ImportError|No module named|: (command )?not found',
    'missing file': r'FileNotFoundError|No such file or directory|MissingData',
    'network': r'ConnectionError|ConnectTimeout|ReadTimeout|MaxRetryError|Name or service not known|Connection refused',
    'interrupted': r'KeyboardInterrupt|SignalException',
}
#: Exit codes of a process that was killed: by SIGKILL, which on a machine without swap is nearly always for its memory,
#: or SIGTERM.
KILLED = (-9, 137, -15, 143)
#: What torchrun writes when its script has failed: the script's own lines end here, and its exit code is this one.
TORCHRUN = re.compile(r'^.*failed \(exitcode: (-?\d+)\)', re.MULTILINE)
LOG_LINES = 60
#: Errors of a kind, names and logs that a digest shows.
SHOWN = 4


@dataclass(frozen=True)
class Failure:
    """One data set of one model that did not get done. `kind`: a key of SIGNS, 'killed', 'bad input' or 'bug'."""

    stage: str
    model: str
    dataset: str
    kind: str
    error: str
    log: str = ''

    @property
    def place(self) -> str:
        """MODEL/DATASET."""
        return f'{self.model}/{self.dataset}'


def kind_of(error: BaseException) -> str:
    """Which kind of failure an exception is."""
    name = type(error).__name__
    if isinstance(error, MemoryError) or 'OutOfMemory' in name:
        return 'out of memory'
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return 'disk full'
    if isinstance(error, ImportError):
        return 'missing package'
    if isinstance(error, FileNotFoundError):
        return 'missing file'
    if isinstance(error, (ConnectionError, TimeoutError)) or re.search(SIGNS['network'], name):
        return 'network'
    if isinstance(error, KeyboardInterrupt):
        return 'interrupted'
    return 'bad input' if isinstance(error, (OSError, ValueError)) else 'bug'


def message_of(error: BaseException) -> str:
    """The exception in one line: its message, with its name where the message alone says little."""
    text = ' '.join(str(error).split())
    if isinstance(error, OSError) and error.filename and str(error.filename) not in text:
        text = f'{text}: {error.filename}'
    return (
        text
        if kind_of(error) not in ('bug', 'out of memory') and text
        else f'{type(error).__name__}: {text}'.rstrip(': ')
    )


def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An uncaught exception for a person: what is wrong, and no traceback unless it is a bug of ours."""
    if issubclass(kind, KeyboardInterrupt):
        print('interrupted', file=sys.stderr)
        return
    if kind_of(error) == 'bug':
        traceback.print_exception(kind, error, trace)
    print(f'error: {str(error).strip() or kind.__name__}', file=sys.stderr)


def read_log(path: Path, code: int) -> tuple[str, str]:
    """(kind, last error line) of a task that ended with an exit code and left no record."""
    text = _end_of(path)
    if report := TORCHRUN.search(text):
        text, code = text[: report.start()], int(report[1])
    lines = [line.strip() for line in text.splitlines() if line.strip()][-LOG_LINES:]
    errors = [line for line in lines if re.match(r'(\w+\.)*\w*(Error|Exception|Interrupt|Killed|Exit)\b', line)]
    last = (errors or lines or ['it wrote nothing'])[-1]
    kind = next((kind for kind, sign in SIGNS.items() if re.search(sign, last)), None)
    if kind is None and _is_full(path.parent):
        return 'disk full', f'exit code {code}: no space left for {path}'
    if code == 0:
        return kind or 'bug', f'it ended with exit code 0, but without its output; last line: {last}'
    if kind is None and code in KILLED:
        return 'killed', f'exit code {code}: killed from outside, for its memory or by a person; last line: {last}'
    return kind or 'bug', f'exit code {code}: {last}'


def _end_of(path: Path) -> str:
    try:
        with path.open('rb') as file:
            file.seek(max(path.stat().st_size - 20_000, 0))
            return file.read().decode('utf-8', 'replace')
    except OSError:
        return ''


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 4096
    except OSError:
        return False


def failure_path(work_dir: str, stage: str, model: str, dataset: str) -> Path:
    """Where the failure of a data set is recorded."""
    return Path(work_dir, 'logs', stage, model, f'{dataset}.error.json')


def record(work_dir: str, failure: Failure) -> None:
    """Write a failure down; where even that is impossible the log still has it."""
    path = failure_path(work_dir, failure.stage, failure.model, failure.dataset)
    try:
        write_json(path, asdict(failure), indent=2, ensure_ascii=False)
    except OSError as error:
        from .logging import get_logger

        get_logger().warning(f'{path} cannot be written ({error}); the failure stands in the log only')


def clear(work_dir: str, stage: str, model: str, dataset: str) -> None:
    """Forget an earlier failure."""
    with suppress(FileNotFoundError, NotADirectoryError):
        failure_path(work_dir, stage, model, dataset).unlink()


def read(work_dir: str, stage: str, model: str, dataset: str) -> Failure | None:
    """The failure on record of a data set, if there is one."""
    return _parsed(failure_path(work_dir, stage, model, dataset))


def recorded(work_dir: str, stages: tuple[str, ...] = ('infer', 'eval')) -> list[Failure]:
    """All failures on record, inference first."""
    found = [_parsed(path) for stage in stages for path in sorted(Path(work_dir, 'logs', stage).rglob('*.error.json'))]
    return [one for one in found if one is not None]


def _parsed(path: Path) -> Failure | None:
    try:
        return Failure(**json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError, TypeError):
        return None


def first_causes(found: list[Failure]) -> list[Failure]:
    """Without the scores that failed because the predictions had."""
    lost = {one.place for one in found if one.stage == 'infer'}
    return [one for one in found if one.stage == 'infer' or one.place not in lost]


def digest(failures: list[Failure]) -> str:
    """The failures for a person: each different error, what it hit and where the log is; the first few of a kind."""
    errors: dict[tuple[str, str], dict[str, list[Failure]]] = {}
    for one in failures:
        errors.setdefault((one.stage, one.kind), {}).setdefault(one.error, []).append(one)
    lines = [f'{len(failures)} failed:']
    for (stage, kind), by_error in errors.items():
        for error, members in list(by_error.items())[:SHOWN]:
            lines += [f'  {stage} [{kind}] {_named(members)}', f'      {error}']
            lines += [f'      log: {log}' for log in sorted({one.log for one in members if one.log})[:SHOWN]]
        rest = [one for members in list(by_error.values())[SHOWN:] for one in members]
        if rest:
            lines.append(f'  {stage} [{kind}] in the same way: {_named(rest)}')
    return '\n'.join(lines)


def _named(members: list[Failure]) -> str:
    names = [one.place for one in members]
    return ', '.join(names[:SHOWN]) + (f' and {len(names) - SHOWN} more' if len(names) > SHOWN else '')
