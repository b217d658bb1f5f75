"""The scripts of `tools` that read a run: case_analyzer.py and prediction_merger.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from project import make_project, run, run_folder, tool

ROWS = '''
from datasets import Dataset, DatasetDict


def load_rows(**_):
    """Three rows as a split of their own."""
    rows = Dataset.from_dict({'question': ['q0', 'q1', 'q2'], 'right': [0, 1, 0]})
    return DatasetDict({'train': rows.select([0]), 'validation': rows})
'''


def analysis(folder: Path, kind: str, name: str) -> list[dict[str, Any]]:
    return json.loads((folder / 'case_analysis' / kind / 'fake' / f'{name}.json').read_text(encoding='utf-8'))


def split(whole: Path, size: int) -> None:
    """A predictions file as the parts that a partitioned run leaves."""
    records = list(json.loads(whole.read_text(encoding='utf-8')).values())
    for number, start in enumerate(range(0, len(records), size)):
        part = dict(zip(map(str, range(size)), records[start : start + size], strict=False))
        whole.with_name(f'{whole.stem}_{number}.json').write_text(json.dumps(part), encoding='utf-8')
        note = whole.with_suffix('.yaml')
        whole.with_name(f'{whole.stem}_{number}.yaml').write_text(note.read_text(encoding='utf-8'), encoding='utf-8')


@pytest.fixture(scope='module')
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run of all three kinds of inference."""
    folder = make_project(tmp_path_factory.mktemp('finished'))
    done = run(folder, '-m', 'infer', '--debug')
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_ordinary_data_sets_are_analysed_with_the_readers_references(finished: Path) -> None:
    folder = run_folder(finished)
    done = tool(finished, 'case_analyzer.py', 'eval.py', '-w', str(folder))
    assert (done.returncode, done.stdout) == (0, ''), done.stderr
    rows, bad = analysis(folder, 'all', 'ppl'), analysis(folder, 'bad', 'ppl')
    assert [row['reference'] for row in rows] == ['A', 'B'] * 5
    assert bad == [row for row in rows if row['prediction'] != row['reference']]
    assert all(row['prediction_PPL'] < row['reference_PPL'] for row in bad)
    assert 0 < len(bad) < 10
    assert analysis(folder, 'bad', 'gen') == analysis(folder, 'all', 'gen')
    assert analysis(folder, 'all', 'gen')[1] == {
        'origin_prompt': 'Q: what is 1?',
        'prediction': '1? is what',
        'reference': 'B',
    }
    assert [len(row['prediction']) for row in analysis(folder, 'all', 'clp')] == [2] * 10


@pytest.mark.slow
def test_an_analysis_is_kept_until_forced(finished: Path) -> None:
    folder = run_folder(finished)
    kept = folder / 'case_analysis' / 'all' / 'fake' / 'gen.json'
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text('[]', encoding='utf-8')
    tool(finished, 'case_analyzer.py', 'eval.py', '-w', str(folder))
    assert analysis(folder, 'all', 'gen') == []
    tool(finished, 'case_analyzer.py', 'eval.py', '-w', str(folder), '-f')
    assert len(analysis(folder, 'all', 'gen')) == 10


@pytest.mark.slow
def test_a_function_that_gives_splits_is_analysed_by_its_own_columns(tmp_path: Path) -> None:
    config = """
gen['type'] = 'rows.load_rows'
gen['eval_cfg'] = dict(ds_split='validation', ds_column='right', pred_postprocessor=dict(type='first-capital'))
datasets = [gen]
"""
    folder = make_project(tmp_path, config=config, **{'rows.py': ROWS})
    records = {str(number): {'origin_prompt': 'p', 'prediction': f'the {"ABC"[number]}'} for number in range(3)}
    path = folder / 'out/predictions/fake/gen_0.json'
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(records), encoding='utf-8')
    done = tool(folder, 'case_analyzer.py', 'eval.py', '-w', 'out')
    assert done.returncode == 0, done.stderr
    found = [(row['prediction'], row['reference']) for row in analysis(folder / 'out', 'all', 'gen')]
    assert found == [('A', '0'), ('B', '1'), ('C', '0')]


@pytest.mark.slow
def test_merged_parts_equal_the_whole_and_keep_how_they_came_about(finished: Path, tmp_path: Path) -> None:
    source, folder = run_folder(finished) / 'predictions' / 'fake', tmp_path / 'predictions' / 'fake'
    folder.mkdir(parents=True)
    for name in ('gen.json', 'gen.yaml'):
        (folder / name).write_bytes((source / name).read_bytes())
    split(folder / 'gen.json', 4)
    for name in ('gen.json', 'gen.yaml'):
        (folder / name).unlink()
    done = tool(finished, 'prediction_merger.py', 'eval.py', '-w', str(tmp_path))
    names = [str(folder / f'gen_{number}.json') for number in range(3)]
    lost = [f'{folder / name}.json not found' for name in ('ppl', 'clp')]
    assert done.stdout.splitlines() == [f'Merge {names} to {folder / "gen.json"}', *lost]
    for name in ('gen.json', 'gen.yaml'):
        assert (folder / name).read_bytes() == (source / name).read_bytes()


@pytest.mark.slow
def test_a_lost_part_is_never_merged_over(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / 'predictions' / 'fake'
    folder.mkdir(parents=True)
    (folder / 'gen_0.json').write_text('{"0": {"prediction": "x"}}', encoding='utf-8')
    done = tool(finished, 'prediction_merger.py', 'eval.py', '-w', str(tmp_path))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, 'length mismatch')
    assert 'gen.json: 1 predictions for 10 test items' in done.stderr
    assert not (folder / 'gen.json').exists()


@pytest.mark.slow
def test_the_folder_of_all_runs_is_answered_with_the_newest_run(finished: Path) -> None:
    done = tool(finished, 'prediction_merger.py', 'eval.py', '-w', 'out')
    assert done.stdout.splitlines()[0] == 'out/predictions/fake/gen.json not found'
    assert f'its newest is out/{run_folder(finished).name}' in done.stderr
