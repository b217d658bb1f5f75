"""Runs the recorded behaviour against the package, where the records lie beside the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parent.parent
RECORDS = Path(os.environ.get('OPENCOMPASS_CONFORMANCE') or PROJECT.parent.parent / 'shared' / 'conformance').resolve()


class Replayed(NamedTuple):
    """How many of the unquestioned cases came out as recorded; a difference holds `id`, `wanted` and `got`."""

    equal: int
    cases: int
    differences: list[dict]


def replayed(kind: str, only: str = '') -> Replayed:
    """Replay the recorded cases of a kind, those with `only` in their id. Skips the test where there are no records."""
    if not (RECORDS / 'replay').is_dir():
        pytest.skip('needs ../shared/conformance (or $OPENCOMPASS_CONFORMANCE)')
    path = os.pathsep.join(filter(None, [str(PROJECT), str(RECORDS), os.environ.get('PYTHONPATH')]))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / 'report.json'
        ended = subprocess.run(
            [sys.executable, '-m', 'replay', kind, '--only', only, '--json', str(report)],
            cwd=PROJECT,
            env=os.environ | {'PYTHONPATH': path, 'OPENCOMPASS_DATA': folder},  # benchmarks of this machine stay out
            capture_output=True,
            text=True,
        )
        if not report.exists():
            raise RuntimeError(f'the replay of {kind} ended with code {ended.returncode}:\n{ended.stderr[-2000:]}')
        counts = json.loads(report.read_text(encoding='utf-8'))
    print(f'{kind}: {counts["equal"]} of {counts["cases"]} recorded cases equal')
    return Replayed(counts['equal'], counts['cases'], counts['differences'])


def assert_as_recorded(kind: str, at_least: int, only: str = '') -> None:
    """All unquestioned cases of the kind are equal, and there are not suspiciously few of them."""
    equal, cases, differences = replayed(kind, only)
    shown = [json.dumps(one, ensure_ascii=False, default=str)[:1500] for one in differences[:3]]
    assert equal == cases, f'{kind}: {cases - equal} of {cases} differ, for instance\n' + '\n'.join(shown)
    assert cases >= at_least, f'{kind}: only {cases} cases were compared, expected at least {at_least}'
