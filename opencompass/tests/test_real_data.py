"""Real rows of GSM8K, all 57 subjects of MMLU and CMRC through the embedded model: the way counts, not the scores."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import RUN

DATA = Path(os.environ.get('OPENCOMPASS_TEST_DATA') or RUN.parents[2] / 'shared' / 'data').resolve()


@pytest.mark.slow
def test_real_rows_go_through_inference_scores_and_table(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip('needs ../shared/data (or $OPENCOMPASS_TEST_DATA), real rows in the layout of OpenCompassData')
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
    assert len(answers) == 57 + 2
    assert {len(records) for records in answers.values()} == {2}
    first = json.loads((DATA / '_hub/gsm8k/test.jsonl').read_text().splitlines()[0])['question']
    assert answers['gsm8k']['0']['origin_prompt'].endswith(
        f"\n\n### Instruction:\nQuestion: {first}\nLet's think step by step\nAnswer:\n\n### Response:\n"
    )
    anatomy = next(csv.reader((DATA / 'mmlu/test/anatomy_test.csv').open(encoding='utf-8')))
    record = answers['lukaemon_mmlu_anatomy']['0']
    assert record['label: B']['prompt'].endswith('{}\nA. {}\nB. {}\nC. {}\nD. {}\nAnswer: B'.format(*anatomy[:5]))
    assert record['prediction'] in 'ABCD'
    rows = {
        row.split()[0]: row.split()[-1] for row in done.stdout.splitlines() if row.startswith(('gsm8k', 'CMRC', 'mmlu'))
    }
    assert all(0 <= float(rows[name]) <= 100 for name in ('gsm8k', 'CMRC_dev', 'mmlu')), rows
