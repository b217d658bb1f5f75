"""Configs for run.py: read, made plain data, and written down."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from mmengine.config import Config
from mmengine.config.lazy import LazyAttr, LazyObject

MISSING_BASE = re.compile(r'(\S+\.py) not found')


class ConfigError(ValueError):
    """A config file that cannot be used; the message names it, and the line where there is one."""


class ConfigFileError(OSError, ConfigError):
    """A config file that cannot be read at all, say one with another ending."""


PACKAGE_CONFIGS = Path(__file__).resolve().parents[2] / 'configs'


def load(path: str) -> Config:
    """The config file's values, recipes and other functions left out. Errors name the file and, where it has one, the
    line."""
    found = find(path)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # configs may import modules beside which run.py is started
    try:
        cfg = Config.fromfile(str(found), format_python_code=False)
    except Exception as error:
        kind = ConfigFileError if isinstance(error, OSError) else ConfigError
        raise kind(f'config {_culprit(error, found)}: {_told(error)}') from error
    return Config(_plain(cfg._to_lazy_dict()), filename=str(found), format_python_code=False)


def find(path: str) -> Path:
    """The config file meant: as given, or below the package's `configs`; a missing one is answered with the nearest
    names."""
    places = [Path(path), PACKAGE_CONFIGS.parent / path, PACKAGE_CONFIGS / path]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise FileNotFoundError(f'config file {path} does not exist.{_nearest(path, _package_files() | _beside(path))}')
    return found


def _package_files() -> set[str]:
    return {str(file.relative_to(PACKAGE_CONFIGS.parent)) for file in PACKAGE_CONFIGS.rglob('*.py')}


def _beside(path: str) -> set[str]:
    return {str(file) for file in Path(path).parent.glob('*.py')}


def _nearest(path: str, known: set[str]) -> str:
    by_name = {Path(one).name: one for one in sorted(known)}
    close = difflib.get_close_matches(path, known, 3, 0.6)
    close += [by_name[one] for one in difflib.get_close_matches(Path(path).name, by_name, 3, 0.6)]
    return f' Nearest: {", ".join(dict.fromkeys(close))}' if close else ''


def _plain(values: dict) -> dict:
    """A config's values without functions and helpers, as builtin types."""
    return {
        name: builtin(value)
        for name, value in values.items()
        if not name.startswith('_') and not isinstance(value, (FunctionType, ModuleType))
    }


def builtin(value: Any) -> Any:
    """A value as dicts, lists and basic types; classes and functions as their dotted names, those not yet imported,
    too."""
    if isinstance(value, dict):
        return {key: builtin(_only(one) if key == 'reader_cfg' else one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(builtin(one) for one in value)
    if isinstance(value, (LazyObject, LazyAttr)):
        return f'{value.module}.{value}'
    if isinstance(value, (type, FunctionType)):
        return f'{value.__module__}.{value.__qualname__}'
    return value


def _only(value: Any) -> Any:
    """The dict in a tuple of one: a comma behind `dict(...)` makes one, and published configs have it."""
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value


def _told(error: Exception) -> str:
    """What an error while reading a config means."""
    first = (str(error).strip().splitlines() or [''])[0]
    missing = MISSING_BASE.search(first)
    if missing:
        near = _nearest(missing[1], _package_files() | _beside(missing[1]))
        return f'read_base() wants {missing[1]}, which does not exist.{near}'
    if isinstance(error, SyntaxError):
        return f'{error.msg}: {(error.text or "").strip()}'
    if isinstance(error, RuntimeError) and not first:
        return 'what a config imports cannot be called in it: name it as a type, or borrow a function with read_base()'
    return f'{type(error).__name__}: {first}'


def _culprit(error: Exception, path: Path) -> str:
    """The config file that was being read when the error came (a base of the one asked for, maybe), and the line."""
    line, file = getattr(error, 'lineno', None), str(path)
    trace = error.__traceback__
    while trace is not None:
        code, values = trace.tb_frame.f_code, trace.tb_frame.f_locals
        if isinstance(values.get('filename'), str) and values['filename'].endswith('.py'):
            file = values['filename']
        if code.co_name == '<module>' and code.co_filename.endswith('.py'):
            file, line = code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    if line is None and (missing := MISSING_BASE.search(str(error))):
        line = _line_with(Path(file), Path(missing[1]).stem)
    return file + (f', line {line}' if line else '')


def _line_with(path: Path, word: str) -> int | None:
    lines = path.read_text(encoding='utf-8').splitlines() if path.is_file() else []
    return next((number for number, line in enumerate(lines, 1) if word in line), None)


def models_and_datasets(cfg: Config) -> None:
    """Check that a config says what to evaluate, in the form that partitioners expect."""
    for name in ('models', 'datasets'):
        if not isinstance(cfg.get(name), list) or not cfg[name]:
            kind = type(cfg[name]).__name__ if name in cfg else 'nothing'
            found = f'an empty {kind}' if name in cfg and not cfg[name] else kind
            raise ConfigError(f'config {cfg.filename}: `{name}` must be a list with at least one entry, found {found}')


def write(cfg: Config | dict, path: Path) -> None:
    """A config as a file that `Config.fromfile` reads: keys sorted, classes as dotted strings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = cfg._to_lazy_dict() if isinstance(cfg, Config) else cfg
    Config(builtin(values), format_python_code=False).dump(path)


def normalised(cfg: Config, path: Path) -> Config:
    """The config written to a file and read back.

    Ties between labels are decided by the order of the keys there, so published scores depend on it.
    """
    write(cfg, path)
    return Config.fromfile(str(path), format_python_code=False)
