"""The table of scores, and the reasons where there is none."""

from __future__ import annotations

import copy
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conformance import PROJECT
from mmengine.config import ConfigDict

from opencompass.utils.summarizer import Summarizer

Reasons = dict[tuple[str, str], str] | None
INFER = {'prompt_template': {'type': 'PromptTemplate', 'template': '{q}'}, 'inferencer': {'type': 'GenInferencer'}}


def config(*datasets: str, models: tuple[str, ...] = ('m',), **summarizer: Any) -> ConfigDict:
    return ConfigDict(
        models=[{'abbr': name} for name in models],
        work_dir='run',
        summarizer=summarizer,
        datasets=[{'abbr': name, 'path': name, 'infer_cfg': INFER} for name in datasets],
    )


def write(path: str, value: Any) -> None:
    file = Path('run', path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding='utf-8')


def cells(cfg: ConfigDict, reasons: Reasons = None) -> list[list[str]]:
    """The rows of the table without head and version."""
    return [[row[0], row[2], *row[4:]] for row in Summarizer(cfg, reasons).rows()[1:]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_a_missing_score_tells_its_reason_only_where_reasons_are_given():
    for name in ('evaluated', 'text'):
        write(f'results/m/{name}.json', {'accuracy': 5} if name == 'evaluated' else {'note': 'x'})
    write('predictions/m/predicted.json', {})
    write('predictions/m/divided_0.json', {})
    cfg = config('evaluated', 'text', 'predicted', 'divided', 'failed', 'absent')
    scores = [['evaluated', 'accuracy', '5.00']]
    assert cells(cfg) == scores + [[name, '-', '-'] for name in ('text', 'predicted', 'divided', 'failed', 'absent')]
    assert cells(cfg, {('m', 'failed'): 'out of memory'}) == scores + [
        ['text', '-', '- (no number in the result)'],
        ['predicted', '-', '- (not evaluated)'],
        ['divided', '-', '- (not evaluated)'],
        ['failed', '-', '- (out of memory)'],
        ['absent', '-', '- (no predictions)'],
    ]


def test_a_reason_does_not_hide_a_score():
    write('results/m/d.json', {'accuracy': 5})
    assert cells(config('d'), {('m', 'd'): 'failed before'}) == [['d', 'accuracy', '5.00']]


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        ('{"accuracy": 1', 'corrupt result file'),
        ('[1]', 'corrupt result file'),
        ('\udcff', 'corrupt result file'),
        ({'error': 'lengths differ\nmore'}, 'lengths differ'),
    ],
)
def test_an_unusable_result_file_is_a_reason_and_not_the_end(content: Any, reason: str):
    write('results/m/good.json', {'accuracy': 5})
    Path('run/results/m/bad.json').write_bytes(
        content.encode('utf-8', 'surrogateescape') if isinstance(content, str) else json.dumps(content).encode()
    )
    assert cells(config('bad', 'good')) == [['bad', '-', f'- ({reason})'], ['good', 'accuracy', '5.00']]


def test_a_long_reason_is_cut_to_one_line():
    ((_, _, cell),) = cells(config('d'), {('m', 'd'): 'x' * 100 + '\ntrace'})
    assert cell == f'- ({"x" * 57}...)'


def test_a_group_with_missing_members_says_how_many():
    for name in 'abc':
        write(f'results/m1/{name}.json', {'accuracy': 6})
    write('results/m2/a.json', {'accuracy': 1})
    cfg = config(
        'a',
        'b',
        'c',
        models=('m1', 'm2'),
        dataset_abbrs=['--- all ---', 'two', 'three', 'elsewhere'],
        summary_groups=[{'name': 'two', 'subsets': ['a', 'b']}, {'name': 'three', 'subsets': ['a', 'b', 'c']}],
    )
    scored = [
        ['--- all ---', '-', '-', '-'],
        ['two', 'naive_average', '6.00', '-'],
        ['three', 'naive_average', '6.00', '-'],
        ['elsewhere', '-', '-', '-'],
    ]
    assert cells(cfg) == scored
    scored[1][3], scored[2][3] = '- (1 of 2 missing: b)', '- (2 of 3 missing)'
    assert cells(cfg, {}) == scored


def test_a_group_without_average_is_listed_with_its_reason_but_a_group_of_another_run_is_not():
    groups = [{'name': 'mine', 'subsets': ['a', 'b']}, {'name': 'other', 'subsets': ['x', 'y']}]
    assert cells(config('a', summary_groups=groups), {}) == [
        ['a', '-', '- (no predictions)'],
        ['mine', '-', '- (2 of 2 missing)'],
    ]
    assert cells(config('a', summary_groups=groups)) == [['a', '-', '-']]


def test_a_group_may_stand_before_the_groups_that_it_averages():
    write('results/m/a.json', {'accuracy': 10})
    write('results/m/b.json', {'accuracy': 20})
    groups = [{'name': 'all', 'subsets': ['one', 'b']}, {'name': 'one', 'subsets': ['a']}]
    assert cells(config('a', 'b', dataset_abbrs=['all'], summary_groups=groups)) == [['all', 'naive_average', '15.00']]


def test_groups_in_a_circle_have_no_average():
    write('results/m/a.json', {'accuracy': 10})
    groups = [{'name': 'x', 'subsets': ['y', 'a']}, {'name': 'y', 'subsets': ['x', 'a']}]
    assert cells(config('a', dataset_abbrs=['x', 'y'], summary_groups=groups)) == [['x', '-', '-'], ['y', '-', '-']]


@pytest.mark.parametrize(
    ('weights', 'reason'), [({'a': 2, 'zzz': 3}, 'weights for no member: zzz'), ({'a': 0}, 'weights add up to zero')]
)
def test_impossible_weights_are_the_reason(weights: dict[str, float], reason: str):
    write('results/m/a.json', {'accuracy': 10})
    group = {'name': 'g', 'subsets': ['a'], 'weights': weights}
    assert cells(config('a', summary_groups=[group]))[1:] == [['g', '-', f'- ({reason})']]


def test_models_with_different_metrics_keep_their_own():
    write('results/m1/d.json', {'rouge2': 2, 'rouge1': 1})
    write('results/m2/d.json', {'score': 3, 'ok': True})
    assert cells(config('d', models=('m1', 'm2')), {}) == [
        ['d', 'score', '- (not among its metrics)', '3.00'],
        ['d', 'rouge1', '1.00', '- (not among its metrics)'],
        ['d', 'rouge2', '2.00', '- (not among its metrics)'],
    ]


def test_the_csv_can_be_read_back_and_holds_the_reasons(capsys: pytest.CaptureFixture):
    summarizer = Summarizer(config('quiz, part "2"', 'd', models=('m,1',)), {('m,1', 'd'): 'a, b'})
    summarizer.summarize(time_str='now')
    text = Path('run/summary/summary_now.csv').read_text(encoding='utf-8')
    assert list(csv.reader(text.splitlines())) == summarizer.rows()
    assert summarizer.rows()[2][-1] == '- (a, b)'
    assert '- (a, b)' in capsys.readouterr().out


def test_a_version_of_digits_and_an_e_is_not_shown_as_a_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    write('results/m/d.json', {'accuracy': 5})
    monkeypatch.setattr('opencompass.utils.summarizer.get_prompt_hash', lambda cfg: '12e004' + '0' * 58)
    Summarizer(config('d')).summarize(time_str='now')
    assert capsys.readouterr().out.splitlines()[-1].split() == ['d', '12e004', 'accuracy', 'gen', '5']


def test_summarizing_leaves_the_config_alone():
    write('results/m/d.json', {'accuracy': 5})
    cfg = config('d')
    columns = {'input_columns': ['q'], 'output_column': 'a'}
    cfg['datasets'][0].update(
        reader_cfg=columns,
        infer_cfg={  # an older layout, which hashing rewrites
            'reader_cfg': columns | {'type': 'x.DatasetReader'},
            'inferencer': {'type': 'x.GenInferencer'},
        },
    )
    before = copy.deepcopy(cfg)
    Summarizer(cfg).summarize(time_str='now')
    assert cfg == before


def test_without_connection_to_lark_the_summary_stands(monkeypatch: pytest.MonkeyPatch):
    def post(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError('no network')

    monkeypatch.setattr('requests.post', post)
    Summarizer(ConfigDict(config('d'), lark_bot_url='https://lark.example')).summarize(time_str='now')
    assert Path('run/summary/summary_now.txt').is_file()


def test_a_report_of_another_name_is_not_replaced_by_its_csv():
    Summarizer(config('d')).summarize(output_path='report.md', time_str='now')
    assert Path('report.md').read_text(encoding='utf-8').startswith('now\ntabulate format\n')
    assert Path('report.md.csv').is_file()


@pytest.mark.slow
def test_importing_the_summarizer_imports_nothing_optional():
    program = (
        'import sys, opencompass.utils.summarizer, opencompass.partitioners;'
        'print(*{"torch", "tabulate", "requests", "datasets", "pandas"} & sys.modules.keys())'
    )
    ended = subprocess.run(
        [sys.executable, '-c', program],
        capture_output=True,
        text=True,
        check=False,
        env={'PYTHONPATH': str(PROJECT), 'PATH': ''},
    )
    assert (ended.returncode, ended.stdout) == (0, '\n'), ended.stderr


def test_a_group_without_members_has_no_row():
    write('results/m/a.json', {'accuracy': 10})
    group = {'name': 'g', 'subsets': [], 'weights': {'a': 1}}
    assert cells(config('a', summary_groups=[group])) == [['a', 'accuracy', '10.00']]


def test_what_is_listed_twice_counts_and_shows_once():
    write('results/m/a.json', {'accuracy': 10})
    write('results/m/b.json', {'accuracy': 20})
    group = {'name': 'g', 'subsets': ['a', 'b', 'b']}
    cfg = config('a', 'b', 'a', models=('m', 'm'), summary_groups=[group])
    assert cells(cfg) == [['a', 'accuracy', '10.00'], ['b', 'accuracy', '20.00'], ['g', 'naive_average', '15.00']]


def test_a_summarizer_of_none_and_a_data_set_without_infer_cfg_are_shown():
    write('results/m/a.json', {'accuracy': 10})
    cfg = config('a')
    cfg['summarizer'] = None
    del cfg['datasets'][0]['infer_cfg']
    assert Summarizer(cfg).rows()[1:] == [['a', '-', 'accuracy', 'unknown', '10.00']]


def test_standard_errors_stand_beside_the_scores_that_are_means():
    write('results/m/a.json', {'accuracy': 10, 'statistics': {'accuracy': {'n': 5, 'stderr': 3.0}}})
    write('results/m/b.json', {'score': 20, 'statistics': {'score': {'n': 5, 'stderr': 4.0}}})
    write('results/m/c.json', {'bleu': 30})
    groups = [
        {'name': 'naive', 'subsets': ['a', 'b']},
        {'name': 'weighted', 'subsets': ['a', 'b'], 'weights': {'a': 3, 'b': 1}},
        {'name': 'unsure', 'subsets': ['a', 'c']},
    ]
    rows = Summarizer(config('a', 'b', 'c', summary_groups=groups), stderr=True).rows()
    assert rows[0][4:] == ['m', '±']
    assert [row[4:] for row in rows[1:]] == [
        ['10.00', '3.00'],
        ['20.00', '4.00'],
        ['30.00', '-'],
        ['15.00', '2.50'],
        ['12.50', f'{(9**2 + 4**2) ** 0.5 / 4:.2f}'],
        ['20.00', '-'],
    ]


def test_samples_and_provenance_of_a_result_stay_out_of_the_report(capsys: pytest.CaptureFixture):
    details = {'statistics': {'accuracy': {'n': 1, 'stderr': None}}, 'samples': {'accuracy': [5]}, 'provenance': [{}]}
    write('results/m/a.json', {'accuracy': 5, **details})
    Summarizer(config('a'), stderr=True).summarize(time_str='now', markdown=True)
    report = Path('run/summary/summary_now.txt').read_text(encoding='utf-8')
    assert "a: {'accuracy': 5}" in report
    assert 'samples' not in report
    assert Path('run/summary/summary_now.md').read_text(encoding='utf-8').splitlines()[0] == (
        '| dataset   | version   | metric   | mode   | m    | ±   |'
    )


def test_a_bare_number_is_a_score():
    write('results/m/a.json', 12.5)
    assert cells(config('a')) == [['a', 'score', '12.50']]
