"""Models compared by a judge: what it is shown, how its verdicts count, and what is kept."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset
from mmengine.config import ConfigDict
from project import PARTS, command, make_project, run, run_folder
from test_resume import kill_all, wait_for_lines

from opencompass.datasets import BaseDataset
from opencompass.models import FakeModel
from opencompass.tasks import ModelEvaluator
from opencompass.tasks._judge import Case, Instructions, Outcome, fill, settled
from opencompass.utils.summarizer import Summarizer

ANSWERS = {'long': ['aaa', 'bbb', 'ccc'], 'mid': ['aa', 'bb', 'ccc'], 'short': ['a', 'b', 'c']}


class Rows(BaseDataset):
    """Three questions."""

    @staticmethod
    def load() -> Dataset:
        return Dataset.from_list([{'question': f'q{number}', 'answer': f'r{number}'} for number in range(3)])


class LengthJudge(FakeModel):
    """Likes the longer answer, whatever its place; `asked` holds all prompts."""

    asked: list[str] = []

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        self.asked += inputs
        return [self.verdict(text, *lengths(text)) for text in inputs]

    def verdict(self, text: str, a: int, b: int) -> str:
        return 'So [[A]] or [[B]]? It is ' + ('[[A]]' if a > b else '[[B]]' if a < b else '[[C]]')


class FirstJudge(LengthJudge):
    """Likes what it sees first."""

    def verdict(self, text: str, a: int, b: int) -> str:
        return '[[A]]'


class ShyJudge(LengthJudge):
    """Says nothing about the question q1."""

    def verdict(self, text: str, a: int, b: int) -> str:
        return 'Hm.' if 'q1' in text else super().verdict(text, a, b)


class MuteJudge(LengthJudge):
    """Says nothing."""

    def verdict(self, text: str, a: int, b: int) -> str:
        return 'A is better'


def lengths(text: str) -> tuple[int, int]:
    """Of the two answers in the English prompt."""
    a, b = (text.split(f'<answer {name}>\n')[1].split(f'\n</answer {name}>')[0] for name in 'AB')
    return len(a), len(b)


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    LengthJudge.asked = []


def compare(folder: Path, *names: str, judge: type = LengthJudge, batch_size: int = 2, **keys: Any) -> ModelEvaluator:
    """The task, run on ANSWERS of the models in this order."""
    for name in names:
        path = folder / 'predictions' / name / 'rows.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        records = {str(number): {'prediction': text} for number, text in enumerate(ANSWERS[name])}
        path.write_text(json.dumps(records))
    task = ModelEvaluator(config(folder, *names, judge={'type': judge, 'batch_size': batch_size}, **keys))
    task.run()
    return task


def config(folder: Path, *names: str, **keys: Any) -> ConfigDict:
    reader = {'input_columns': ['question'], 'output_column': 'answer'}
    dataset = {'abbr': 'rows', 'type': Rows, 'reader_cfg': reader}
    models = [{'abbr': name, 'type': FakeModel} for name in names]
    return ConfigDict(models=models, datasets=[[dataset]] * len(names), work_dir=str(folder), **keys)


def results(folder: Path) -> dict[str, dict]:
    """Each model's result."""
    return {path.parent.name: json.loads(path.read_text()) for path in sorted(folder.rglob('results/*/rows.json'))}


def files(folder: Path) -> dict[str, bytes]:
    """Every result and verdict."""
    found = [*folder.rglob('results/**/*.json'), *folder.rglob('judgments/**/*_vs_*.json')]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize(
    ('shown_first', 'shown_second', 'outcome'),
    [
        ('A', 'B', Outcome(1.0)),
        ('B', 'A', Outcome(0.0)),
        ('C', 'C', Outcome(0.5)),
        ('A', 'A', Outcome(0.5, False)),
        ('B', 'B', Outcome(0.5, False)),
        ('A', 'C', Outcome(0.5, False)),
        (None, 'B', Outcome(None)),
        ('A', None, Outcome(None)),
    ],
)
def test_a_win_is_one_in_both_orders(shown_first: str | None, shown_second: str | None, outcome: Outcome) -> None:
    assert settled(shown_first, shown_second) == outcome


@pytest.mark.parametrize(
    ('text', 'verdict'),
    [
        ('[[A]]', 'A'),
        ('Not [[A]], for it is wrong. [[B]]', 'B'),
        ('[[ b ]]', 'B'),
        ('[[C]]', 'C'),
        ('[[tie]]', 'C'),
        ('结论：[[平局]]', 'C'),
        ('A is better', None),
        ('[A]', None),
        ('[[D]]', None),
        ('', None),
    ],
)
def test_the_last_verdict_counts_and_none_is_guessed(text: str, verdict: str | None) -> None:
    assert Instructions().read(text) == verdict


def test_another_form_of_verdict_can_be_read() -> None:
    instructions = Instructions(verdict=r'Winner: (\w+)')
    assert [instructions.read(f'Winner: {word}') for word in ('A', 'b', 'nobody')] == ['A', 'B', 'C']


def test_braces_in_an_answer_are_not_filled_in() -> None:
    assert fill('{a} {b} {c}', a='{b}', b='{a}') == '{b} {a} {c}'
    prompt = str(Instructions().written(Case('q', '{answer_b} {criteria}', 'other')))
    assert '{answer_b} {criteria}' in prompt
    assert prompt.count('other') == 1


@pytest.mark.parametrize('language', ['en', 'zh'])
def test_nothing_of_the_prompt_is_left_open(language: str) -> None:
    case = Case('the question', 'one', 'two', 'the reference')
    plain, informed = (
        str(Instructions(language, 'my criteria', with_reference=shown).written(case)) for shown in (False, True)
    )
    assert '{' not in plain + informed
    assert 'the reference' not in plain
    for text in (plain, informed):
        assert all(text.count(part) == 1 for part in ('the question', 'one\n', 'two\n', 'my criteria', '[[C]]'))
    assert informed.count('the reference') == 1


@pytest.mark.parametrize(
    ('wrong', 'told'),
    [
        ({'language': 'fr'}, "'en' or 'zh'"),
        ({'prompt': '{answer_a}'}, '{answer_b}'),
        ({'prompt': '{answer_a} {answer_b} {reference}'}, 'with_reference=True'),
        ({'prompt': '{answer_a} {answer_b}', 'with_reference': True}, 'with_reference=True'),
        ({'verdict': r'\[A\]'}, 'one group'),
    ],
)
def test_instructions_that_cannot_work_are_refused(wrong: dict, told: str) -> None:
    with pytest.raises(ValueError) as error:
        Instructions(**wrong)
    assert told in str(error.value)


def test_keys_nobody_reads_and_a_missing_judge_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='rubric'):
        ModelEvaluator(config(tmp_path, 'long', judge={'type': FakeModel}, rubric='short'))
    with pytest.raises(ValueError, match='judge=dict'):
        ModelEvaluator(config(tmp_path, 'long', 'short'))


def test_the_better_answers_win_whatever_their_place(tmp_path: Path) -> None:
    compare(tmp_path, 'short', 'long', 'mid')
    found = results(tmp_path)
    assert found['long']['samples'] == {'win_rate': [100, 100, 75]}
    assert {name: round(one['win_rate'], 3) for name, one in found.items()} == {
        'long': 91.667,
        'mid': 58.333,
        'short': 0,
    }
    assert found['long']['statistics']['win_rate'] == {'n': 3, 'stderr': pytest.approx(25 / 3)}
    assert found['long']['elo'] > found['mid']['elo'] > found['short']['elo']
    assert sum(one['elo'] for one in found.values()) == pytest.approx(3000)
    assert found['long']['trueskill'] > found['mid']['trueskill'] > found['short']['trueskill']
    assert {(one['unreadable'], one['inconsistent']) for one in found.values()} == {(0, 0)}


def test_the_same_answer_is_a_tie_that_nobody_is_asked_about(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'mid', judge=FirstJudge)
    assert len(LengthJudge.asked) == 4
    assert all('ccc' not in text for text in LengthJudge.asked)
    assert results(tmp_path)['long']['inconsistent'] == 2


def test_a_judge_that_likes_the_first_place_decides_nothing(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short', judge=FirstJudge)
    for result in results(tmp_path).values():
        assert (result['win_rate'], result['elo'], result['trueskill']) == (50, 1000, 25)
        assert (result['unreadable'], result['inconsistent']) == (0, 3)


def test_what_cannot_be_read_is_counted_and_left_out(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short', judge=ShyJudge)
    found = results(tmp_path)['long']
    assert (found['win_rate'], found['unreadable'], found['inconsistent']) == (100, 1, 0)
    assert found['samples'] == {'win_rate': [100, None, 100]}
    assert found['statistics']['win_rate']['n'] == found['statistics']['elo']['n'] == 2


def test_no_verdict_at_all_is_a_failure_of_each_model_that_says_where_to_look(tmp_path: Path) -> None:
    task = compare(tmp_path, 'long', 'short', judge=MuteJudge)
    assert [one.place for one in task.failed] == ['long/rows', 'short/rows']
    assert 'no verdict on 3 questions' in task.failed[0].error
    assert results(tmp_path) == {}


def test_neither_the_order_of_models_nor_the_batch_size_changes_a_byte(tmp_path: Path) -> None:
    compare(tmp_path / 'one', 'long', 'mid', 'short', judge=ShyJudge)
    compare(tmp_path / 'other', 'short', 'long', 'mid', judge=ShyJudge, batch_size=5)
    assert files(tmp_path / 'one') == files(tmp_path / 'other')
    assert len(files(tmp_path / 'one')) == 6


def test_a_model_without_predictions_fails_alone_and_is_compared_later(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'mid', 'short')
    complete = files(tmp_path)
    (tmp_path / 'predictions' / 'mid' / 'rows.json').unlink()
    (tmp_path / 'results' / 'mid' / 'rows.json').unlink()
    task = ModelEvaluator(config(tmp_path, 'long', 'mid', 'short', judge={'type': LengthJudge, 'batch_size': 2}))
    task.run()
    assert [(one.place, one.kind) for one in task.failed] == [('mid/rows', 'missing file')]
    assert results(tmp_path)['long']['comparison']['models'] == ['long', 'short']
    compare(tmp_path, 'long', 'mid', 'short')
    assert files(tmp_path) == complete


def test_predictions_of_other_questions_are_refused(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short')
    path = tmp_path / 'predictions' / 'short' / 'rows.json'
    path.write_text(json.dumps({'0': {'prediction': 'a'}}))
    task = ModelEvaluator(config(tmp_path, 'long', 'short', judge={'type': LengthJudge}))
    with pytest.raises(FileNotFoundError, match='1 of 2 models'):
        task.run()
    assert 'short/rows' in [one.place for one in task.failed if '1 predictions for 3 questions' in one.error]
    assert results(tmp_path) == {}


def test_a_model_that_is_added_costs_only_its_own_comparisons(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short')
    assert len(LengthJudge.asked) == 6
    compare(tmp_path, 'long', 'short')
    assert len(LengthJudge.asked) == 6
    compare(tmp_path, 'mid', 'long', 'short')
    assert len(LengthJudge.asked) == 6 + 4 + 6
    assert results(tmp_path)['long']['comparison']['models'] == ['long', 'mid', 'short']


def test_other_instructions_or_another_judge_are_asked_anew(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short')
    compare(tmp_path, 'long', 'short', criteria='Brevity.')
    assert len(LengthJudge.asked) == 12
    compare(tmp_path, 'long', 'short', judge=FirstJudge, criteria='Brevity.', question='{question}?')
    assert results(tmp_path)['long']['win_rate'] == 50


def test_the_judge_sees_question_and_reference_as_the_config_says(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short', with_reference=True, question='Please: {question}')
    assert 'Please: q0\n' in LengthJudge.asked[0]
    assert '\nr0\n' in LengthJudge.asked[0]


def test_one_model_alone_is_told_which_partitioner_to_use(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='ComparisonPartitioner'):
        compare(tmp_path, 'long')


def test_the_table_shows_ratings_and_what_did_not_count(tmp_path: Path) -> None:
    compare(tmp_path, 'long', 'short', judge=ShyJudge)
    cfg = config(tmp_path, 'long', 'short')
    summary = Summarizer({**cfg, 'datasets': cfg['datasets'][0]}, stderr=True)
    rows = summary.rows()
    assert [row[2] for row in rows[1:]] == ['win_rate', 'elo', 'trueskill', 'unreadable', 'inconsistent']
    assert rows[1][4:] == ['100.00', '0.00', '0.00', '0.00']
    assert rows[2][5] == '-'
    assert [*summary.scores['long'].raw['rows']] == [row[2] for row in rows[1:]]


JUDGES = (
    PARTS
    + """

class Slow(LoggingModel):
    def generate(self, inputs, max_out_len):
        return ['[[A]]' if len(self._think(text)) % 2 else '[[B]]' for text in inputs]


class Short(FakeModel):
    def generate(self, inputs, max_out_len):
        return [text[-2 - len(text) % 3:] for text in inputs]
"""
)
CONFIG = """
datasets = [gen]
models = [models[0], dict(models[0], abbr='short', type='parts.Short')]
judge = dict(type='parts.Slow', seconds=0.05, batch_size=4)
eval = dict(partitioner=dict(type='ComparisonPartitioner'),
            runner=dict(type='LocalRunner', task=dict(type='ModelEvaluator', judge=judge)))
"""


@pytest.mark.slow
def test_a_killed_comparison_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    calm, killed = (
        make_project(tmp_path / name, rows=30, config=CONFIG, **{'parts.py': JUDGES}) for name in ('calm', 'killed')
    )
    told = run(calm)
    assert told.returncode == 0, told.stderr
    assert 'win_rate' in told.stdout
    process = subprocess.Popen(
        command('eval.py', '-w', 'out'), cwd=killed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    store = wait_for_lines(killed, 'fake_vs_short', 9)
    kill_all(process)
    finished = store.read_bytes().count(b'\n')
    asked = len((killed / 'asked.txt').read_text().splitlines())
    assert 9 <= finished < 60

    again = run(killed, '-r')

    assert again.returncode == 0, again.stderr
    assert files(run_folder(killed)) == files(run_folder(calm))
    assert len(files(run_folder(calm))) == 3
    assert len((killed / 'asked.txt').read_text().splitlines()) - asked <= 60 - finished + 4
