"""Paired differences of two runs, and the standard errors of one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from project import make_project, run, run_folder

from opencompass import compare
from opencompass.openicl.icl_evaluator import AccEvaluator, BleuEvaluator, RougeEvaluator
from opencompass.utils.paired import difference, matched_interval, mcnemar
from opencompass.utils.statistics import standard_error, statistics_of


def test_the_standard_error_of_an_accuracy_is_that_of_a_proportion() -> None:
    values = [100] * 30 + [0] * 70
    assert standard_error(values) == pytest.approx(100 * (0.3 * 0.7 / 99) ** 0.5)
    assert standard_error([5.0]) is None


def test_samples_that_do_not_count_are_left_out_of_n() -> None:
    assert statistics_of({'toxicity': [0.0, None, 1.0]}) == {'toxicity': {'n': 2, 'stderr': pytest.approx(0.5)}}


def test_evaluators_keep_the_values_that_their_means_are_of() -> None:
    accuracy = AccEvaluator()
    assert accuracy.score(['a', 'b', 'c'], ['a', 'b', 'x']) == {'accuracy': pytest.approx(200 / 3)}
    assert accuracy.samples == {'accuracy': [100, 100, 0]}
    rouge = RougeEvaluator()
    found = rouge.score(['the cat', 'a dog'], ['the cat', 'no'])
    assert found['rouge1'] == pytest.approx(50)
    assert list(rouge.samples['rouge1']) == [100, 0]
    assert BleuEvaluator().samples == {}  # of the whole set, not a mean


def test_mcnemar_is_the_exact_binomial_test() -> None:
    from scipy.stats import binomtest

    for worse, better in ((6, 16), (0, 5), (40, 41), (3, 3)):
        assert mcnemar(worse, better) == pytest.approx(binomtest(worse, worse + better).pvalue)


def coverage(n: int, first: float, second: float) -> float:
    """How probable it is that a 95 % interval holds the true difference, summed over all outcomes of n samples."""
    from scipy.stats import multinomial

    total, outcomes = 0.0, multinomial(n, [first, second, 1 - first - second])
    for worse in range(n + 1):
        for better in range(n + 1 - worse):
            low, high = matched_interval(worse, better, n, 0.95)
            total += (low <= second - first <= high) * outcomes.pmf([worse, better, n - worse - better])
    return total


def test_the_interval_of_matched_proportions_covers_the_difference_also_of_few_samples() -> None:
    splits = [(0.02, 0.1), (0.05, 0.1), (0.1, 0.1), (0.1, 0.3), (0.2, 0.25), (0.05, 0.3)]  # only one of them is right
    found = [coverage(n, *split) for n in (25, 50, 80) for split in splits]
    assert min(found) > 0.92
    assert 0.945 < sum(found) / len(found) < 0.965


def test_no_sample_that_differs_still_leaves_doubt() -> None:
    found = difference([100, 0, 100], [100, 0, 100])
    assert found.value == 0
    assert found.p == 1
    assert found.low < 0 < found.high


def test_pairing_sees_what_two_standard_errors_do_not() -> None:
    draw = np.random.default_rng(1)
    hardness = draw.normal(50, 20, 200)
    better = hardness + draw.normal(1, 2, 200)
    found = difference(hardness.tolist(), better.tolist())
    assert found.method == 'bootstrap'
    assert 0 < found.low < found.value < found.high
    assert standard_error(hardness.tolist()) > found.value
    assert difference(hardness.tolist(), better.tolist()) == found  # the same seed


def test_the_bootstrap_interval_covers_the_mean_as_often_as_it_says() -> None:
    draw, covered = np.random.default_rng(2), 0
    for _ in range(60):
        changes = draw.exponential(1.0, 40)
        found = difference([0.0] * 40, changes.tolist(), confidence=0.9)
        covered += found.low <= 1.0 <= found.high
    assert 44 <= covered <= 60


@pytest.fixture(scope='module')
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs on the same data: `a`, `b` with another model, `short` on fewer samples."""
    folder = tmp_path_factory.mktemp('compare')
    other = "\nmodels = [dict(models[0], abbr='other', type='parts.Constant')]\n"
    constant = '''

class Constant(FakeModel):
    """Prefers A."""

    def get_ppl(self, inputs, mask_length=None):
        return [1.0 if text.endswith('A') else 2.0 for text in inputs]
'''
    made = {}
    for name, config in {
        'a': '',
        'b': other,
        'short': other + "\nfor one in datasets:\n    one['reader_cfg']['test_range'] = '[:4]'\n",
    }.items():
        project = make_project(folder / name, config=config)
        (project / 'parts.py').write_text((project / 'parts.py').read_text() + constant)
        assert run(project, '--debug').returncode == 0
        made[name] = run_folder(project)
    return made


def test_the_command_shows_paired_differences(runs: dict[str, Path], capsys: pytest.CaptureFixture) -> None:
    assert compare.main([str(runs['a']), str(runs['b'])]) == 0
    shown = capsys.readouterr()
    [row] = [line.split() for line in shown.out.splitlines() if line.strip().startswith('ppl')]
    scores = [
        json.loads((runs[name] / f'results/{model}/ppl.json').read_text())['accuracy']
        for name, model in (('a', 'fake'), ('b', 'other'))
    ]
    assert row[1:6] == ['accuracy', '10', *(f'{score:.2f}' for score in scores), f'{scores[1] - scores[0]:+.2f}']
    assert row[-1] == 'McNemar'
    assert 'clp: not compared: a result has no values by sample' in shown.err


def test_other_samples_are_not_compared(runs: dict[str, Path], capsys: pytest.CaptureFixture) -> None:
    assert compare.main([str(runs['b']), str(runs['short'])]) == 1
    assert 'ppl: not compared: the samples are not the same' in capsys.readouterr().err


def test_models_of_other_names_are_chosen_by_hand(runs: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match="no model 'x'; it has fake"):
        compare.main([str(runs['a']), str(runs['b']), '--models', 'x', 'other'])


def test_a_folder_without_results_is_named(tmp_path: Path, runs: dict[str, Path]) -> None:
    with pytest.raises(FileNotFoundError, match='no results in .*give the folder of a run'):
        compare.main([str(tmp_path), str(runs['a'])])
    assert compare.main([str(runs['a'].parent), str(runs['b'].parent)]) == 0  # the newest run of a work directory


def test_standard_errors_in_the_table(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config='\ndatasets = [gen, ppl]\n')
    shown = run(folder, '--debug', '--stderr')
    assert shown.returncode == 0
    [head, *_] = [line.split() for line in shown.stdout.splitlines() if line.startswith('dataset')]
    assert head[-2:] == ['fake', '±']
    result = json.loads((run_folder(folder) / 'results/fake/ppl.json').read_text())
    [row] = [line.split() for line in shown.stdout.splitlines() if line.startswith('ppl')]
    assert row[-1] == f'{result["statistics"]["accuracy"]["stderr"]:.2f}'
