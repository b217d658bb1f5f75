"""A score does not depend on batch size, order, neighbours, resuming, workers or partitions: the embedded models asked
the same in eight ways."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from project import RUN, command, run_folder
from test_resume import kill_all, wait_for_lines

from opencompass.utils import config as configs

pytestmark = pytest.mark.slow
ROWS = 16
Answers = dict[tuple[str, str], dict[str, Any]]


def demo() -> dict[str, Any]:
    """Both embedded models on the first rows of four data sets, one of each kind."""
    cfg = configs.load(str(RUN.parent / 'configs' / 'eval_tigerbot_nano.py'))
    by_kind = {}
    for dataset in cfg.datasets:
        kind = (dataset['infer_cfg']['inferencer']['type'], dataset['abbr'].endswith('_chat'))
        by_kind.setdefault(kind, dataset)
    assert len(by_kind) == 4
    found = {'models': cfg.models, 'datasets': list(by_kind.values())}
    for one in found['datasets']:
        one['reader_cfg']['test_range'] = f'[:{ROWS}]'
    return copy.deepcopy({name: [dict(one) for one in entries] for name, entries in found.items()})


def ask(folder: Path, cfg: dict[str, Any], *flags: str) -> Answers:
    """(model, data set) -> prompt -> prediction, of run.py on the config."""
    configs.write(cfg, folder / 'eval.py')
    done = subprocess.run(
        command('eval.py', '-w', 'out', '-m', 'infer', *flags), cwd=folder, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return answers(folder)


def answers(folder: Path) -> Answers:
    """All predictions of the only run in a folder, parts joined."""
    root = run_folder(folder) / 'predictions'
    names = {dataset['abbr'] for dataset in demo()['datasets']}
    found: Answers = {}
    for path in sorted(root.rglob('*.json')):
        name = path.stem if path.stem in names else path.stem.rpartition('_')[0]
        records = json.loads(path.read_text(encoding='utf-8')).values()
        place = found.setdefault((path.parent.name, name), {})
        place.update({_asked(record): record['prediction'] for record in records})
    return found


def _asked(record: dict[str, Any]) -> str:
    """What tells a record from the others of its data set."""
    if 'origin_prompt' in record or 'prompt' in record:
        return str(record.get('origin_prompt') or record['prompt'])
    return str([part['prompt'] for name, part in record.items() if name.startswith('label: ')])


def assert_same(found: Answers, wanted: Answers) -> None:
    """Answers equal; probabilities but for rounding."""
    assert found.keys() == wanted.keys()
    for key, one in found.items():
        assert one.keys() == wanted[key].keys(), key
        for prompt, answer in one.items():
            expected = wanted[key][prompt]
            assert answer == (expected if isinstance(answer, str) else pytest.approx(expected, rel=1e-4)), key


@pytest.fixture(scope='module')
def usual(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    found = ask(tmp_path_factory.mktemp('usual'), demo(), '--debug')
    assert len(found) == 8
    assert {len(one) for one in found.values()} == {ROWS}
    assert len({str(answer) for one in found.values() for answer in one.values()}) > ROWS  # they do differ
    return found


def _batches_of(size: int) -> Callable[[dict[str, Any]], None]:
    """About so many samples at a time, also by a model that plans its batches itself."""

    def change(cfg: dict[str, Any]) -> None:
        for model in cfg['models']:
            model |= {'batch_size': size, 'tokens_per_step': 64 * size}

    return change


def _from_the_last(cfg: dict[str, Any]) -> None:
    for dataset in cfg['datasets']:
        dataset['reader_cfg']['test_range'] = f'[:{ROWS}][::-1]'


def _other_order_of_data_sets(cfg: dict[str, Any]) -> None:
    cfg['datasets'].reverse()
    cfg['models'].reverse()


@pytest.mark.parametrize(
    ('change', 'flags'),
    [
        pytest.param(_batches_of(1), ['--debug'], id='batches of one'),
        pytest.param(_batches_of(7), ['--debug'], id='batches of seven'),
        pytest.param(_from_the_last, ['--debug'], id='the last sample first'),
        pytest.param(_other_order_of_data_sets, ['--debug'], id='data sets and models in another order'),
        pytest.param(None, ['--max-num-workers', '2'], id='two workers'),
        pytest.param(None, ['--debug', '--max-partition-size', '100'], id='small partitions'),
    ],
)
def test_predictions_stay_the_same(
    usual: Answers, tmp_path: Path, change: Callable[[dict[str, Any]], None] | None, flags: list[str]
) -> None:
    cfg = demo()
    if change:
        change(cfg)
    assert_same(ask(tmp_path, cfg, *flags), usual)


def test_predictions_stay_the_same_among_other_neighbours(usual: Answers, tmp_path: Path) -> None:
    cfg = demo()
    for dataset in cfg['datasets']:
        dataset['reader_cfg']['test_range'] = f'[:{ROWS}][1::3]'
    found = ask(tmp_path, cfg, '--debug')
    assert {len(one) for one in found.values()} == {len(range(1, ROWS, 3))}
    assert_same(found, {key: {one: usual[key][one] for one in found[key]} for key in usual})


def test_predictions_stay_the_same_after_a_kill(usual: Answers, tmp_path: Path) -> None:
    cfg = demo()
    _batches_of(2)(cfg)
    configs.write(cfg, tmp_path / 'eval.py')
    generated = next(one['abbr'] for one in cfg['datasets'] if one['abbr'].endswith('_chat'))
    process = subprocess.Popen(
        command('eval.py', '-w', 'out', '-m', 'infer'),
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    )
    store = wait_for_lines(tmp_path, generated, 3)
    kill_all(process)
    assert store.exists()  # it was in the midst of its samples
    assert_same(ask(tmp_path, cfg, '-r'), usual)
