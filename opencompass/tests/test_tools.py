"""The scripts under tools, started as a person does, on a small project with the fake model."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from project import CONFIG, TOOLS, make_project, run, run_folder, tool, tool_command
from terminal import DOWN, ENTER, used

RULER = '-' * 100
TWO_MODELS = '\nmodels = [*models, dict(models[0], abbr="second", max_seq_len=30)]\n'
API = """
models = [dict(abbr=name, type='parts.Api', path=name, key=name) for name in ('one', 'two')]
"""
API_PARTS = '''
from opencompass.models import BaseAPIModel


class Api(BaseAPIModel):
    """Says what it got."""

    def __init__(self, path, key, meta_template=None):
        super().__init__(path, meta_template=meta_template)
        self.key = key

    def generate(self, inputs, max_out_len):
        return [f'{self.key} got {type(one).__name__} of {len(one)}' for one in inputs]
'''
SUMMARY = """dataset,version,metric,mode,m1,m2,m3
--- Exam ---,-,-,-,-,-,-
ceval-law,123456,accuracy,ppl,40.00,-,1
ceval-art,123456,accuracy,ppl,50.00,- (killed),2
ceval-physics,123456,accuracy,ppl,60.00,20.00,3
ceval-hard,-,naive_average,ppl,60.00,20.00,3
quiz,123456,accuracy,gen,99.00,2.00,4
"""


def prompts(shown: str) -> list[str]:
    """The prompts that prompt_viewer shows."""
    return [text.split(f'\n{RULER}')[0] for text in shown.split(f'Sample prompt:\n{RULER}\n')[1:]]


@pytest.mark.slow
def test_the_prompts_shown_are_those_that_the_model_is_asked(tmp_path: Path) -> None:
    config = """
models = [dict(models[0], type='parts.LoggingModel', max_seq_len=30)]
datasets = [dict(one, reader_cfg=dict(one['reader_cfg'], test_range='[3:4]')) for one in (gen, ppl, clp)]
"""
    folder = make_project(tmp_path, config=config)
    done = tool(folder, 'prompt_viewer.py', 'eval.py', '-a')
    assert (done.returncode, done.stdout.count('[BEGIN]')) == (0, 3), done.stderr
    assert done.stdout.count('Truncating ice 2 -> 1 Number of tokens: 38 -> ...') == 1
    assert "Choices: ['A', 'B']" in done.stdout
    assert not (folder / 'asked.txt').exists(), 'the model was asked something only to show prompts'
    assert run(folder, '-m', 'infer', '--debug').returncode == 0
    asked = [eval(line) for line in (folder / 'asked.txt').read_text().splitlines()]
    assert sorted(prompts(done.stdout)) == sorted(asked)
    assert len(asked) == 4


@pytest.mark.slow
def test_data_sets_alone_and_a_config_that_run_py_wrote_can_be_viewed(tmp_path: Path) -> None:
    alone = CONFIG + '\nfirst_datasets = [gen, clp]\nppl_dataset = ppl\ndel datasets, models\n'
    folder = make_project(tmp_path, **{'alone.py': alone})
    done = tool(folder, 'prompt_viewer.py', 'alone.py', '-a')
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('[MODEL]: None') == 3
    assert 'Number of tokens' not in done.stdout
    run(folder, '-m', 'infer', '--dry-run')
    [written] = (run_folder(folder) / 'configs').glob('*.py')
    again = tool(folder, 'prompt_viewer.py', str(written), '-a')
    assert prompts(again.stdout) == prompts(done.stdout)[:1] + prompts(done.stdout)[2:] + prompts(done.stdout)[1:2]


@pytest.mark.slow
def test_a_data_set_that_cannot_be_shown_does_not_hide_the_others(tmp_path: Path) -> None:
    config = '\ndatasets = [dict(gen, abbr="lost", data_files=dict(train="no.jsonl", test="no.jsonl")), gen]\n'
    done = tool(make_project(tmp_path, config=config), 'prompt_viewer.py', 'eval.py', '-a')
    assert (done.returncode, prompts(done.stdout)) == (1, ['Q: what is 0?'])
    assert 'error: fake/lost: ' in done.stderr
    assert 'no.jsonl' in done.stderr


@pytest.mark.slow
def test_a_pattern_that_matches_nothing_is_answered_with_what_there_is(tmp_path: Path) -> None:
    done = tool(make_project(tmp_path), 'prompt_viewer.py', 'eval.py', '-n', '-p', 'z*')
    assert done.returncode == 1
    assert done.stderr.endswith('there are:\ngen\nppl\nclp\n')


@pytest.mark.slow
def test_the_menu_chooses_model_and_data_set(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=TWO_MODELS)
    steps = [('models:', DOWN), ('second', ENTER), ('datasets:', DOWN), ('ppl', ENTER)]
    code, shown = used(folder, tool_command('prompt_viewer.py', 'eval.py'), *steps)
    assert code == 0
    assert 'Truncating ice 2 -> 1' in shown, 'not the second model, which has less room'
    assert 'Label: B' in shown, 'not the second data set'


@pytest.mark.slow
def test_without_a_terminal_the_menu_says_what_to_do(tmp_path: Path) -> None:
    done = tool(make_project(tmp_path, config=TWO_MODELS), 'prompt_viewer.py', 'eval.py')
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr == 'error: the menu needs a terminal; without one give -n (the first of each) or -a (all)\n'


@pytest.mark.slow
def test_the_menu_chooses_among_several_api_models(tmp_path: Path) -> None:
    folder = make_project(tmp_path, config=API, **{'parts.py': API_PARTS})
    steps = [('models:', DOWN), ('two', ENTER)]
    code, shown = used(folder, tool_command('test_api_model.py', 'eval.py'), *steps)
    answers = [line.strip() for line in shown.splitlines() if ' response: ' in line]
    kinds = [answer.split(': ')[1].split(' of ')[0] for answer in answers]
    assert (code, kinds) == (0, ['two got str'] * 2 + ['two got PromptList', 'two got str'] * 2)
    assert [answers[2][-6:], answers[4][-6:]] == [' of 11', ' of 12'], 'the system prompt is no turn of its own'


def test_a_row_that_is_an_average_counts_and_the_mean_without_it_is_told(tmp_path: Path) -> None:
    (tmp_path / 's.csv').write_text(SUMMARY)
    done = tool(tmp_path, 'ceval_util.py', '--path', 's.csv', '--key', 'm1')
    assert done.stdout.splitlines()[0] == '(6, 7)'
    assert done.stdout.splitlines()[-3:] == [
        'score: [40.0, 50.0, 60.0, 60.0], sum: 210.0, length: 4',
        'average score: 52.5',
        'average score without rows that are averages themselves: 50.0',
    ]


def test_a_cell_that_holds_a_reason_is_no_score_and_is_told(tmp_path: Path) -> None:
    (tmp_path / 's.csv').write_text(SUMMARY)
    done = tool(tmp_path, 'ceval_util.py', '--path', 's.csv', '--key', 'm2')
    assert done.stdout.splitlines()[-1] == 'average score: 20.0'
    assert done.stderr == 'left out: ceval-art: - (killed)\n'


@pytest.mark.parametrize(
    ('name', 'key', 'told'),
    [
        ('mmlu_util.py', 'm1', "error: s.csv has no row with 'mmlu' in `dataset` and a number in 'm1'\n"),
        ('ceval_util.py', 'm9', "error: s.csv has no column 'm9'; it has ['dataset', "),
    ],
)
def test_the_mean_of_nothing_is_an_error_that_says_what_is_missing(
    tmp_path: Path, name: str, key: str, told: str
) -> None:
    (tmp_path / 's.csv').write_text(SUMMARY)
    done = tool(tmp_path, name, '--path', 's.csv', '--key', key)
    assert (done.returncode, done.stderr.startswith(told)) == (1, True), done.stderr


def listed(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Path by name, of the tables that list_configs prints."""
    rows = [line.strip('|').split('|') for line in done.stdout.splitlines() if line.startswith('| ')]
    return {name.strip(): path.strip() for name, path in rows}


def test_all_configs_of_models_and_data_sets_are_listed_from_any_folder(tmp_path: Path) -> None:
    done = tool(tmp_path, 'list_configs.py')
    assert done.returncode == 0, done.stderr
    found = listed(done)
    assert (found.pop('Model'), found.pop('Dataset')) == ('Config Path', 'Config Path')
    assert found['hf_tigerbot_nano_base'] == 'configs/models/hf_tigerbot_nano_base.py'
    assert found['gsm8k_gen_1d7fe4'] == 'configs/datasets/gsm8k/gsm8k_gen_1d7fe4.py'
    helpers = {'_recipes.py', 'labels.py', 'languages.py', 'mdl.py', 'papers.py', 'subjects.py'}
    files = [file for kind in ('models', 'datasets') for file in (TOOLS.parent / 'configs' / kind).rglob('*.py')]
    assert sorted(found) == sorted(file.stem for file in files if file.name not in helpers)
    assert [*found.values()] == sorted(found.values(), key=lambda path: ('datasets' in path, Path(path).stem.lower()))
    assert all((TOOLS.parent / path).is_file() for path in found.values())


def test_patterns_choose_configs_by_a_part_of_their_name_or_by_wildcards(tmp_path: Path) -> None:
    found = listed(tool(tmp_path, 'list_configs.py', 'cmrc_gen_1', 'MMLU_PPL*', 'hf_tigerbot_nano_b'))
    assert set(found) - {'Model', 'Dataset'} == {
        'hf_tigerbot_nano_base',
        'CLUE_CMRC_gen_1bd3c8',
        'mmlu_ppl',
        'mmlu_ppl_ac766d',
    }
    assert 'Model' not in listed(tool(tmp_path, 'list_configs.py', 'mmlu'))
    done = tool(tmp_path, 'list_configs.py', 'mmlux')
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr == 'no config matches mmlux; without a pattern all are listed\n'
