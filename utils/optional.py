"""Packages that only some scripts need."""

from __future__ import annotations

import importlib
from types import ModuleType


def optional(module: str, wanted_by: str, install: str) -> ModuleType:
    """The module. Where its package is missing, an ImportError that names who wants it and what installs it.

    Args:
        install: what to give to `pip install`.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split('.')[0]:
            raise
        raise ImportError(f'{wanted_by} needs {module}: pip install {install}', name=module) from error
