"""The store: every finished result of a data set is on disk at once, and becomes the predictions file at the end.

A store is an append-only file of JSON lines beside the final file, one line a finished request:

    {"position": 3, "key": "5f1c...", "result": 2.125}

`position` is the request's place in the list of all requests, `key` a hash of the prompt and the settings: a line whose
key is not that of the request now asked belongs to other data or settings and is left aside.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from .files import write_json
from .logging import get_logger

#: Seconds to wait for another process that writes the same store (an orphan of a killed run ends within a second).
LOCK_SECONDS = 15.0


def request_key(prompt: Any, **settings: Any) -> str:
    """Hash of a prompt (in the model's spelling) and of what else decides the result."""
    told = json.dumps(settings, sort_keys=True, ensure_ascii=False, default=str)
    text = prompt if isinstance(prompt, str) else json.dumps(prompt, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f'{told}\n{text}'.encode()).hexdigest()[:16]


def store_path(final: Path) -> Path:
    """Where the unfinished results of a predictions file lie."""
    return final.with_name(f'tmp_{final.stem}.jsonl')


class PredictionStore:
    """Results by position; a context manager that holds the store's file open, and alone.

    Args:
        final: the predictions file to be, e.g. `predictions/MODEL/DATASET.json`.
        keys: the key of each request, by position.
    """

    def __init__(self, final: Path, keys: Sequence[str]) -> None:
        self.final = final
        self.path = store_path(final)
        self.keys = keys
        self.results: dict[int, Any] = {}

    def __enter__(self) -> PredictionStore:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.path.open('a+b')
        self._lock()
        self._load()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def append(self, position: int, result: Any) -> None:
        """Keep a result. The first one of a position stays: a batch is sent again as a whole when a part of it was
        lost."""
        if position in self.results:
            return
        line = {'position': position, 'key': self.keys[position], 'result': result}
        self.file.write((json.dumps(line, ensure_ascii=False) + '\n').encode())
        self.file.flush()
        self.results[position] = result

    def finish(self, records: dict[str, dict]) -> None:
        """Write the predictions file and drop the store."""
        write_json(self.final, records, indent=4, ensure_ascii=False)
        self.path.unlink(missing_ok=True)

    def _lock(self) -> None:
        end = time.monotonic() + LOCK_SECONDS
        while not _locked(self.file):
            if time.monotonic() > end:
                raise RuntimeError(f'{self.path} is being written by another process; wait for it or stop it first')
            time.sleep(0.2)

    def _load(self) -> None:
        """Read what an earlier start left. A line cut off by a crash is removed, a damaged one is reported and done
        again."""
        self.file.seek(0)
        text = self.file.read()
        whole = text.rfind(b'\n') + 1
        if whole < len(text):
            self.file.truncate(whole)
        strangers = 0
        for number, line in enumerate(text[:whole].splitlines(), 1):
            record = _record(line)
            if record is None:
                get_logger().warning(f'{self.path} line {number} is damaged; that sample is done again')
            elif self._is_asked(record):
                self.results.setdefault(record['position'], record['result'])
            else:
                strangers += 1
        if strangers:
            get_logger().warning(f'{self.path}: {strangers} results of other prompts or settings are not used')

    def _is_asked(self, record: dict) -> bool:
        position = record['position']
        return 0 <= position < len(self.keys) and self.keys[position] == record['key']


def _record(line: bytes) -> dict | None:
    """The record of a line, or None for a damaged one."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    is_whole = isinstance(record, dict) and record.keys() == {'position', 'key', 'result'}
    return record if is_whole and isinstance(record['position'], int) else None


def _locked(file: IO[bytes]) -> bool:
    """Whether this process now holds the file alone; also where locks do not exist (Windows, some network folders)."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return True
    return True


def parts(final: Path) -> Iterator[Path]:
    """The predictions files of a data set: the whole one, else its parts `_0`, `_1`, ... up to the first that is
    missing."""
    if final.exists():
        yield final
        return
    number = 0
    while (part := final.with_name(f'{final.stem}_{number}{final.suffix}')).exists():
        yield part
        number += 1


def records(files: Iterable[Path]) -> list[dict]:
    """The records of predictions files, one file after the other; in each they are numbered from "0"."""
    found = [json.loads(path.read_text(encoding='utf-8')) for path in files]
    return [part[str(number)] for part in found for number in range(len(part))]
