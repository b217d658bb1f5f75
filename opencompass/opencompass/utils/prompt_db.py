"""Which config file a prompt hash, the version in tables, belongs to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from . import config
from .files import write_json
from .logging import get_logger
from .prompt import get_prompt_hash

#: Reading a config takes long, so that the hashes of each file are kept until its text, or that of a base, changes.
CACHE = Path('.cache', 'prompt_hashes.json')
VERSION = re.compile(r'_[0-9a-f]{6}\.py$')
BASE = re.compile(r'^\s+from (\.+)([\w.]*) import', re.MULTILINE)


def update(settings: Mapping[str, Any]) -> None:
    """Write `database_path`: prompt hash -> path of the data set config, from the working directory. A hash is that of
    a whole file or of one of its data sets.

    `config_dir` is searched; if it is not there, nothing is written. `blacklist` may be a file of patterns, a line
    each, of files and folders to leave out. Failing costs a warning.
    """
    try:
        folder = Path(settings['config_dir'])
        if folder.is_dir():
            patterns = _patterns(settings.get('blacklist'))
            files = [file for file in sorted(folder.rglob('[!_]*.py')) if not _is_left_out(file, folder, patterns)]
            write_json(Path(settings['database_path']), _by_hash(_hashes(files)), indent=4)
    except Exception as error:  # the table is there; whatever is wrong here must not end the run
        get_logger().warning(f'the prompt_db of the summarizer is not written: {type(error).__name__}: {error}')


def _patterns(blacklist: str | None) -> list[str]:
    if not blacklist or not Path(blacklist).is_file():
        return []
    lines = [line.strip() for line in Path(blacklist).read_text(encoding='utf-8').splitlines()]
    return [line.strip('/') for line in lines if line and not line.startswith('#')]


def _is_left_out(file: Path, folder: Path, patterns: list[str]) -> bool:
    """Whether a pattern fits the file or a folder that it is in: its name, or its path from here or from the folder."""
    inside = file.relative_to(folder)
    around = [folder / one for one in (inside, *inside.parents)]
    names = {name for one in around for name in (one.name, one.as_posix(), one.relative_to(folder).as_posix())}
    return any(fnmatch(name, pattern) for name in names for pattern in patterns)


def _by_hash(hashes: dict[str, list[str]]) -> dict[str, str]:
    """The file of each hash: of several with the same prompt the first whose name ends in a version, as `_1d7fe4`."""
    found: dict[str, str] = {}
    for path in sorted(hashes, key=lambda path: (not VERSION.search(path), path)):
        for one in hashes[path]:
            found.setdefault(one, path)
    return dict(sorted(found.items()))


def _hashes(files: list[Path]) -> dict[str, list[str]]:
    """The hashes of each file by its path; files that cannot be read are named and left out."""
    known = _known()
    found: dict[str, dict] = {}
    for file in files:
        path, text = file.as_posix(), _digest(file)
        if known.get(path, {}).get('text') == text:
            found[path] = known[path]
            continue
        try:
            found[path] = {'text': text, 'prompts': [*_hashes_of(path)]}
        except Exception as error:  # configs raise what they like
            get_logger().warning(f'the prompt_db of the summarizer leaves out {path}: {error}')
    if found != known:
        write_json(CACHE, found, indent=1)
    return {path: one['prompts'] for path, one in found.items()}


def _known() -> dict[str, dict]:
    """The hashes that were kept; none from a damaged file."""
    try:
        return json.loads(CACHE.read_text(encoding='utf-8'))
    except (FileNotFoundError, ValueError):
        return {}


def _hashes_of(path: str) -> Iterator[str]:
    """Of each list of data sets in the file the hash of the whole and of its members."""
    for name, value in config.load(path).items():
        if name.endswith(('_datasets', '_dataset')):
            datasets = value if isinstance(value, list) else [value]
            yield from dict.fromkeys([get_prompt_hash([*datasets]), *map(get_prompt_hash, datasets)])


def _digest(file: Path) -> str:
    """Hash of the text of a file and of all that it reads by `read_base`."""
    texts: dict[Path, str] = {}
    waiting = [file.resolve()]
    while waiting:
        one = waiting.pop()
        if one not in texts and one.is_file():
            texts[one] = one.read_text(encoding='utf-8')
            waiting += [
                one.parents[len(dots) - 1] / f'{name.replace(".", "/")}.py' for dots, name in _bases(texts[one])
            ]
    return hashlib.sha256('\n'.join(texts[one] for one in sorted(texts)).encode()).hexdigest()


def _bases(text: str) -> list[tuple[str, str]]:
    return BASE.findall(text)
