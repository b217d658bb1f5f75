"""Real rows of every benchmark whose data is there: the way through models and scores counts, not the scores."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from every_benchmark import CONFIGS, EMBEDDER, is_there, models, small, write
from mmengine.config import Config
from project import RUN

from opencompass.utils.config import builtin

DATA = Path(os.environ.get('OPENCOMPASS_TEST_DATA') or RUN.parents[2] / 'shared' / 'data').resolve()


@pytest.fixture(autouse=True)
def real_data() -> None:
    if not DATA.is_dir():
        pytest.skip('needs ../shared/data (or $OPENCOMPASS_TEST_DATA), real rows in the layout of OpenCompassData')


@pytest.fixture
def data_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the data as `data`, and a package that embeds texts."""
    (tmp_path / 'data').symlink_to(DATA)
    (tmp_path / 'sentence_transformers.py').write_text(EMBEDDER, encoding='utf-8')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('OPENCOMPASS_DATA', raising=False)
    monkeypatch.setenv('PYTHONPATH', f'{tmp_path}{os.pathsep}{RUN.parent}')
    return tmp_path


def run_whole(folder: Path, config: str) -> tuple[set[str], str]:
    """The names of the data sets that have results, and the table."""
    done = subprocess.run(
        [sys.executable, str(RUN), config, '-w', 'out', '--debug'], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    [run] = (folder / 'out').iterdir()
    [table] = (run / 'summary').glob('*.csv')
    results = [path for path in (run / 'results').rglob('*.json') if 'error' not in json.loads(path.read_text())]
    return {path.stem for path in results}, table.read_text()


@pytest.mark.slow
def test_every_published_config_whose_data_is_there_is_asked_and_scored(
    data_linked: Path, say_at_the_end: Callable[[str], None]
) -> None:
    used = write(data_linked / 'every.py', 'fake', rows=8, per_config=1)
    say_at_the_end(f'{len(used)} published configs ran on real rows: ' + ', '.join(Path(one).stem for one in used))
    entries = [one['abbr'] for one in Config.fromfile('every.py')['datasets']]
    scored, table = run_whole(data_linked, 'every.py')
    assert scored == {*entries}
    assert [line for line in table.splitlines() if line.endswith(',-')] == []
    assert len(used) >= 110


@pytest.mark.slow
def test_tigerbots_own_config_runs_with_another_model(data_linked: Path) -> None:
    """eval_tigerbot_13b.py with the model swapped, on the suites whose data is there."""
    datasets = [builtin(one) for one in Config.fromfile(CONFIGS / 'eval_tigerbot_13b.py')['datasets']]
    there = [one for one in (small(entry, '', rows=2) for entry in datasets) if is_there(one)]
    (data_linked / 'swapped.py').write_text(f'datasets = {there!r}\nmodels = {models("fake")!r}\n', encoding='utf-8')
    scored, _ = run_whole(data_linked, 'swapped.py')
    assert {re.sub('_mmlu_.*', '_mmlu', name) for name in scored} == {
        *('BoolQ', 'CMRC_dev', 'gsm8k', 'hellaswag', 'lukaemon_mmlu', 'openai_humaneval', 'openbookqa'),
        *('openbookqa_fact', 'piqa', 'winogrande'),
    }
    assert len(scored) == len(there) == 57 + 9


@pytest.mark.slow
def test_real_rows_go_through_inference_scores_and_table(tmp_path: Path) -> None:
    (tmp_path / 'data').symlink_to(DATA)
    done = subprocess.run(
        [sys.executable, str(RUN), 'configs/eval_tigerbot_nano_real.py', '-w', 'out'],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != 'OPENCOMPASS_DATA'},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [run] = (tmp_path / 'out').iterdir()
    answers = {path.stem: json.loads(path.read_text()) for path in (run / 'predictions').rglob('*.json')}
    assert len(answers) == 8 + 2
    assert {len(records) for records in answers.values()} == {2}
    first = json.loads((DATA / '_hub/gsm8k/test.jsonl').read_text().splitlines()[0])['question']
    assert answers['gsm8k']['0']['origin_prompt'].endswith(
        f"\n\n### Instruction:\nQuestion: {first}\nLet's think step by step\nAnswer:\n\n### Response:\n"
    )
    biology = next(csv.reader((DATA / 'mmlu/test/college_biology_test.csv').open(encoding='utf-8')))
    record = answers['lukaemon_mmlu_college_biology']['0']
    assert record['label: B']['prompt'].endswith('{}\nA. {}\nB. {}\nC. {}\nD. {}\nAnswer: B'.format(*biology[:5]))
    assert record['prediction'] in 'ABCD'
    rows = {
        row.split()[0]: row.split()[-1] for row in done.stdout.splitlines() if row.startswith(('gsm8k', 'CMRC', 'mmlu'))
    }
    assert all(0 <= float(rows[name]) <= 100 for name in ('gsm8k', 'CMRC_dev', 'mmlu')), rows
