"""run.py from config to table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from project import make_project, predictions, run, run_folder

BROKEN = """
datasets = [gen, dict(gen, abbr='broken', data_files=dict(train='data/train.jsonl', test='data/nowhere.jsonl'))]
"""


@pytest.mark.slow
def test_all_stages_leave_the_documented_layout(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    done = run(folder)
    assert done.returncode == 0, done.stderr
    root = run_folder(folder)
    found = {str(path.relative_to(root)) for path in root.rglob('*') if path.is_file()}
    stamp = root.name
    assert found == {
        f'configs/{stamp}.py',
        f'summary/summary_{stamp}.txt',
        f'summary/summary_{stamp}.csv',
        f'summary/summary_{stamp}.md',
        'logs/infer/fake/gen.out',
        *(
            f'{kind}/fake/{name}.{end}'
            for kind, end in (
                ('predictions', 'json'),
                ('predictions', 'yaml'),
                ('results', 'json'),
                ('logs/eval', 'out'),
            )
            for name in ('gen', 'ppl', 'clp')
        ),
    }
    result = json.loads((root / 'results/fake/clp.json').read_text())
    assert (result['n'], list(result)) == (10, ['n', 'provenance'])
    assert [line.split()[0] for line in done.stdout.splitlines()[-3:]] == ['gen', 'ppl', 'clp']


@pytest.mark.slow
def test_debug_gives_the_same_predictions_in_one_process(tmp_path: Path) -> None:
    apart, together = make_project(tmp_path / 'apart'), make_project(tmp_path / 'together')
    assert run(apart, '-m', 'infer').returncode == run(together, '-m', 'infer', '--debug').returncode == 0
    assert predictions(apart) == predictions(together)
    assert not (run_folder(together) / 'logs').exists()


@pytest.mark.slow
def test_failed_data_set_leaves_the_others_done_and_says_why_in_its_cell(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=BROKEN)
    done = run(folder)
    assert done.returncode == 1
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith(('gen ', 'broken '))}
    assert lines['gen'].split()[-1] != '-'
    assert '- (missing file)' in lines['broken']
    for part in ('1 failed', 'infer [missing file] fake/broken', 'data/nowhere.jsonl', 'log: out/'):
        assert part in done.stderr
    assert 'Traceback' not in done.stderr
    shown = run(folder, '-m', 'viz', '-r')
    assert shown.returncode == 1
    assert '- (missing file)' in shown.stdout


@pytest.mark.slow
def test_evaluator_that_gives_up_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path, config="\ndatasets = [dict(gen, eval_cfg=dict(evaluator=dict(type='parts.NoEvaluator')))]\n"
    )
    done = run(folder)
    assert done.returncode == 1
    assert 'eval [bad input] fake/gen' in done.stderr
    assert 'the judge is out' in done.stderr
    assert '- (bad input)' in done.stdout


@pytest.mark.slow
def test_scores_without_predictions_say_so(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config='\ndatasets = [gen]\n')
    (folder / 'out/20240101_000000').mkdir(parents=True)
    done = run(folder, '-m', 'eval', '-r')
    assert done.returncode == 1
    assert 'no predictions for gen' in done.stderr


@pytest.mark.slow
def test_mended_data_set_clears_its_failure(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=BROKEN)
    assert run(folder).returncode == 1
    (folder / 'data/nowhere.jsonl').write_text((folder / 'data/test.jsonl').read_text())
    again = run(folder, '-r')
    assert again.returncode == 0, again.stderr
    assert 'missing' not in again.stdout + again.stderr
    assert list(run_folder(folder).rglob('*.error.json')) == []


@pytest.mark.slow
def test_dry_run_shows_the_tasks_and_starts_nothing(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    done = run(folder, '--dry-run')
    assert done.returncode == 0
    assert all(f'fake/{name}' in done.stdout for name in ('gen', 'ppl', 'clp'))
    assert not (run_folder(folder) / 'predictions').exists()


@pytest.mark.slow
def test_reuse_takes_the_newest_run_and_no_stray_file(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config='\ndatasets = [gen]\n')
    for name in ('20200101_000000', 'zzz', '99999999_notes'):
        (folder / 'out' / name).mkdir(parents=True)
    (folder / 'out' / '20300101_000000').write_text('a file')
    done = run(folder, '-m', 'infer', '-r')
    assert done.returncode == 0, done.stderr
    assert (folder / 'out/20200101_000000/predictions/fake/gen.json').exists()


@pytest.mark.slow
def test_size_partitions_are_scored_as_one_data_set(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config='\ndatasets = [gen]\n')
    done = run(folder, '--max-partition-size', '60')
    assert done.returncode == 0, done.stderr
    assert len(predictions(folder)) == 4
    result = json.loads((run_folder(folder) / 'results/fake/gen.json').read_text())
    assert result['statistics']['accuracy']['n'] == len(result['samples']['accuracy']) == 10
