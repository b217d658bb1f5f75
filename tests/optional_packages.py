"""Packages of optional-requirements.txt, for processes that tests start."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(sys.prefix, 'optional')


def need(package: str) -> None:
    """Skip the test where a package is neither in the environment nor beside it."""
    if importlib.util.find_spec(package) is None and not (FOLDER / package).exists():
        pytest.skip(f'needs {package}: pip install --no-deps --target {FOLDER} -r tests/optional-requirements.txt')


def environment(**settings: str) -> dict[str, str]:
    """Variables with which Python finds the packages and this repository."""
    places = [os.environ.get('PYTHONPATH', ''), str(FOLDER), str(ROOT)]
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, places)), **settings}
