"""Hashes of files that are too large to be read again for every task."""

from __future__ import annotations

import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from .files import write_atomic

CHUNK = 1 << 20
#: From this size on (bytes) a hash is kept; smaller files are read faster than looked up.
KEPT_FROM = 64 << 20
BLOB = re.compile(r'[0-9a-f]{64}')


def sha256_of(files: list[Path]) -> dict[str, str]:
    """The sha256 of each file by its name, in hex."""
    with ThreadPoolExecutor() as threads:
        return dict(zip([file.name for file in files], threads.map(_sha256, files), strict=True))


def _sha256(file: Path) -> str:
    """Of a file in the hub's cache that its name tells, of a large one from when it was last read, if unchanged."""
    real = file.resolve()
    if real.parent.name == 'blobs' and BLOB.fullmatch(real.name):
        return real.name
    stat = real.stat()
    if stat.st_size < KEPT_FROM:
        return _read(real)
    known = _cache() / hashlib.sha256(f'{real}|{stat.st_size}|{stat.st_mtime_ns}'.encode()).hexdigest()
    try:
        return known.read_text(encoding='ascii')
    except OSError:
        found = _read(real)
    with suppress(OSError):  # a home that cannot be written to costs time, not the run
        write_atomic(known, found)
    return found


def _cache() -> Path:
    return Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'opencompass' / 'sha256'


def _read(file: Path) -> str:
    found = hashlib.sha256()
    with file.open('rb') as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
