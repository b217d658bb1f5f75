"""Packages that only some parts need, imported when such a part runs."""

from __future__ import annotations

import importlib
from types import ModuleType


def optional(module: str, package: str, wanted_by: str) -> ModuleType:
    """The module; where it is missing, an ImportError that names who wants it and the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split('.')[0]:
            raise
        raise ImportError(f'{wanted_by} needs the package {package}: pip install {package}', name=module) from error
