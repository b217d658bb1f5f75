"""Nothing heavy is imported before it is needed: reading a config, a dry run and scoring work without torch."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import RUN, make_project

PACKAGE = RUN.parent
HEAVY = (
    'torch',
    'transformers',
    'datasets',
    'pandas',
    'sklearn',
    'scipy',
    'jieba',
    'nltk',
    'requests',
    'tqdm.auto',
    'psutil',
)
MODULES_AT_LEAST = 70


def imported(code: str, *unwanted: str, folder: Path = PACKAGE) -> tuple[list[str], str]:
    """Which of the unwanted modules a fresh interpreter has imported after the code, and what it printed."""
    program = f'import sys\n{code}\nprint([name for name in {unwanted!r} if name in sys.modules])'
    done = subprocess.run(
        [sys.executable, '-c', program],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': str(PACKAGE)},
    )
    assert done.returncode == 0, done.stderr
    *printed, found = done.stdout.splitlines()
    return ast.literal_eval(found), '\n'.join(printed)


def script(*arguments: str) -> str:
    """run.py inside the interpreter that looks on."""
    return f"""
import runpy
sys.argv = {['run.py', *arguments]!r}
try:
    runpy.run_path({str(RUN)!r}, run_name='__main__')
except SystemExit as end:
    assert not end.code, end.code"""


@pytest.mark.slow
def test_importing_every_module_imports_nothing_heavy() -> None:
    found, printed = imported(
        """
import importlib, pkgutil, opencompass
names = [one.name for one in pkgutil.walk_packages(opencompass.__path__, 'opencompass.')]
names.remove('opencompass.openicl._rows')  # a dataset, imported only where rows are read
for name in names:
    importlib.import_module(name)
print(len(names))""",
        *HEAVY,
    )
    assert found == []
    assert int(printed) >= MODULES_AT_LEAST


def test_help_imports_nothing_heavy() -> None:
    found, printed = imported(script('--help'), *HEAVY)
    assert found == []
    assert '--dry-run' in printed


def test_reading_a_config_with_recipes_imports_nothing_heavy() -> None:
    found, printed = imported(
        """
from opencompass.utils.config import load
print(len(load('configs/eval_tigerbot_nano.py').datasets))""",
        *HEAVY,
    )
    assert found == []
    assert int(printed) > 0


def test_building_an_evaluator_imports_nothing_heavy() -> None:
    found, printed = imported(
        """
from opencompass.registry import ICL_EVALUATORS
from opencompass.openicl.icl_evaluator import AccEvaluator
ICL_EVALUATORS.build({'type': AccEvaluator})
print(ICL_EVALUATORS.build({'type': 'AccEvaluator'}).score(['A'], ['A']))""",
        *HEAVY,
    )
    assert found == []
    assert printed == "{'accuracy': 100.0}"


@pytest.mark.slow
def test_dry_run_counts_rows_without_torch(tmp_path: Path) -> None:
    found, printed = imported(
        script('eval.py', '-w', 'out', '--dry-run'), 'torch', 'transformers', 'sklearn', folder=make_project(tmp_path)
    )
    assert found == []
    assert 'task 0: [fake/' in printed


@pytest.mark.slow
def test_whole_run_of_the_fake_model_needs_no_torch(tmp_path: Path) -> None:
    found, printed = imported(
        script('eval.py', '-w', 'out', '--debug'),
        'torch',
        'transformers',
        folder=make_project(tmp_path, config='\ndatasets = [gen, ppl, clp]\n'),
    )
    assert found == []
    assert len(list((tmp_path / 'out').rglob('predictions/fake/*.json'))) == 3
