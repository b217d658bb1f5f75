"""The config files of models and data sets that come with the package, for scripts that go through them."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from opencompass.utils.paths import PACKAGE_FOLDER

CONFIGS = PACKAGE_FOLDER / 'configs'
#: What a file of each kind defines, or takes from another file; lists of subjects and recipes do not.
DEFINES = {'models': re.compile(r'\bmodels\b'), 'datasets': re.compile(r'(_|\b)datasets?\b')}
CODE_ONLY = re.compile(r"#.*|'[^'\n]*'|\"[^\"\n]*\"|\bopencompass\.\w+")


def config_files(kind: str, patterns: list[str]) -> list[Path]:
    """Configs of `models` or `datasets` by name, those that match one of the patterns if there are any."""
    files = sorted((CONFIGS / kind).rglob('*.py'), key=lambda file: (file.stem.lower(), file))
    return [file for file in files if matches(file.stem, patterns) and _defines(file, kind)]


def matches(name: str, patterns: list[str]) -> bool:
    """Whether the name contains one of the patterns, or matches one with wildcards; upper and lower case are the same.
    Without patterns every name does."""
    name = name.lower()
    return not patterns or any(
        fnmatch(name, one) if set('*?[') & set(one) else one in name for one in map(str.lower, patterns)
    )


def shown(file: Path) -> str:
    """The path as run.py takes it, from any folder."""
    return str(file.relative_to(CONFIGS.parent))


def _defines(file: Path, kind: str) -> bool:
    if file.name.startswith('_'):
        return False
    return DEFINES[kind].search(CODE_ONLY.sub('', file.read_text(encoding='utf-8'))) is not None
