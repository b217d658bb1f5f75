"""The recorded behaviour, kind by kind. What differs stands with its reason in recorded.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from conformance import replayed

from opencompass.utils.statistics import metrics_of

TESTS = Path(__file__).resolve().parent
TABLE = yaml.safe_load((TESTS / 'recorded.yaml').read_text(encoding='utf-8'))
SLOW = {'cli_run', 'datasets', 'models', 'prompts'}
#: Cases that measure how long something takes, which a busy machine does not show at the first try.
TIMED = 'bucket-*'


def unexplained(ids: set[str], patterns: dict[str, str]) -> set[str]:
    """The ids that no pattern matches."""
    return {one for one in ids if not any(fnmatchcase(one, pattern) for pattern in patterns)}


def stale(ids: set[str], patterns: dict[str, str]) -> set[str]:
    """The patterns that match no id."""
    return {pattern for pattern in patterns if not any(fnmatchcase(one, pattern) for one in ids)}


def is_an_addition(kind: str, difference: dict) -> bool:
    """Whether whole runs differ only by what this package writes besides."""
    wanted, got = difference['wanted'].get('expected'), difference['got']
    return kind == 'cli_run' and isinstance(got, list) and [*map(recorded, got)] == [*map(recorded, wanted)]


def recorded(step: dict[str, Any]) -> dict[str, Any]:
    """A step of a run without our own files, without what results tell besides metrics, and without empty folders."""
    files = [name for name in step['new_files'] if not name.endswith(('.yaml', '.md', '.error.json'))]
    content = {name: metrics(text) if '/results/' in name else text for name, text in step['content'].items()}
    return {**step, 'new_files': files, 'content': content, 'empty_folders': None}


def metrics(text: str) -> dict[str, Any]:
    """Of a result file."""
    return metrics_of(json.loads(text))


def comes_right(kind: str, case: str, tries: int = 3) -> bool:
    """Whether a case is equal when it is replayed alone."""
    return any(not replayed(kind, only=case).differences for _ in range(tries))


@pytest.mark.parametrize(
    'kind', [pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW else kind for kind in TABLE]
)
def test_as_recorded_but_for_what_the_table_explains(kind: str, say_at_the_end: Callable[[str], None]) -> None:
    known, result = TABLE[kind], replayed(kind)
    different = {one['id'] for one in result.differences if not is_an_addition(kind, one)}
    different -= {one for one in different if fnmatchcase(one, TIMED) and comes_right(kind, one)}
    found = {
        'differs': different - result.questionable,
        'corrected': different & result.questionable,
        'kept': result.questionable - different,
    }
    say_at_the_end(
        f'{kind}: {result.cases} recorded cases, {len(found["differs"])} differ with a reason; '
        f'{len(result.questionable)} questionable ones, {len(found["kept"])} kept'
    )
    wrong = {name: sorted(unexplained(ids, known[name])) for name, ids in found.items()}
    unused = {name: sorted(stale(ids, known[name])) for name, ids in found.items()}
    assert {name: ids for name, ids in wrong.items() if ids} == {}, f'{kind}: not in recorded.yaml'
    assert {name: ids for name, ids in unused.items() if ids} == {}, f'{kind}: in recorded.yaml, but not so'
    assert result.cases == known['cases'], f'{kind}: the number of cases compared changed'


def test_every_correction_names_a_test_that_is_there() -> None:
    named = [(kind, text) for kind, known in TABLE.items() for text in known['corrected'].values()]
    for kind, text in named:
        found = re.search(r'\((test_\w+)\.py::(test_\w+)\)', text)
        assert found, f'{kind}: {text!r} names no test, as (test_x.py::test_y)'
        file = TESTS / f'{found[1]}.py'
        assert file.exists(), f'{kind}: there is no {file.name}'
        assert f'def {found[2]}(' in file.read_text(encoding='utf-8'), f'{kind}: {file.name} has no {found[2]}'
    assert len(TABLE) == 27
