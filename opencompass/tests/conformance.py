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
    """How many cases came out as recorded; a difference holds `id`, `wanted` and `got`."""

    equal: int
    cases: int
    questionable: set[str]
    differences: list[dict]


def replayed(kind: str, only: str = '') -> Replayed:
    """Replay the recorded cases of a kind, those with `only` in their id. Skips the test where there are no records.

    `equal` and `cases` count those that are not questionable, `questionable` are the ids of the others.
    """
    if not (RECORDS / 'replay').is_dir():
        pytest.skip('needs ../shared/conformance (or $OPENCOMPASS_CONFORMANCE)')
    path = os.pathsep.join(filter(None, [str(PROJECT), str(RECORDS), os.environ.get('PYTHONPATH')]))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / 'report.json'
        ended = subprocess.run(
            [sys.executable, '-m', 'replay', kind, '--with-questionable', '--only', only, '--json', str(report)],
            cwd=PROJECT,
            env=os.environ | {'PYTHONPATH': path, 'OPENCOMPASS_DATA': folder},  # benchmarks of this machine stay out
            capture_output=True,
            text=True,
        )
        if not report.exists():
            raise RuntimeError(f'the replay of {kind} ended with code {ended.returncode}:\n{ended.stderr[-2000:]}')
        counts = json.loads(report.read_text(encoding='utf-8'))
    return Replayed(counts['equal'], counts['cases'], _questionable(kind, only), counts['differences'])


def _questionable(kind: str, only: str) -> set[str]:
    """Ids of the cases that the records call questionable."""
    file = RECORDS / ('cli.json' if kind == 'cli_run' else f'{kind}.json')
    paths = [file] if file.exists() else sorted((RECORDS / kind).glob('*.json'))
    contents = [json.loads(path.read_text(encoding='utf-8')) for path in paths]
    cases = [case for content in contents if isinstance(content, dict) for case in _cases(content)]
    if file.name == 'cli.json':
        cases = [case for case in cases if (case['kind'] == 'run') == (kind == 'cli_run')]
    return {case['id'] for case in cases if 'questionable' in case and only in case['id']}


def _cases(content: dict) -> list[dict]:
    """The cases of a file; in one of prompts each entry is one for every set-up, in full and short."""
    if 'entries' not in content:
        return content.get('cases', [])
    return [
        {**entry, 'id': f'{content["config"]}#{entry["index"]}{"+files" * ("files" in entry)}:{setup}{suffix}'}
        for entry in content['entries']
        for suffix, recorded in (('', entry), (':short', entry.get('short', {'expected': {}})))
        for setup in recorded['expected']
    ]


def assert_as_recorded(kind: str, at_least: int, only: str = '') -> None:
    """All unquestioned cases of the kind are equal, and there are not suspiciously few of them."""
    equal, cases, questionable, differences = replayed(kind, only)
    differences = [one for one in differences if one['id'] not in questionable]
    shown = [json.dumps(one, ensure_ascii=False, default=str)[:1500] for one in differences[:3]]
    assert equal == cases, f'{kind}: {cases - equal} of {cases} differ, for instance\n' + '\n'.join(shown)
    assert cases >= at_least, f'{kind}: only {cases} cases were compared, expected at least {at_least}'
