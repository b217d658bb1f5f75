"""Loading benchmark files: what is found where, and what a user is told when it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from opencompass.datasets import CMRCDataset, HFDataset, MMLUDataset, TigerBotNanoDataset
from opencompass.datasets._read import CorruptFile, read_csv, read_json, read_jsonl
from opencompass.utils import paths
from opencompass.utils.paths import MissingData, find_hub_copy, find_local


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory; the benchmarks that lie beside the package on this machine are out of sight."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, 'PACKAGE_FOLDER', tmp_path / 'package')
    monkeypatch.delenv('OPENCOMPASS_DATA', raising=False)
    return tmp_path


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding='utf-8')
    return file


def hub_copy(folder: str, rows: str) -> None:
    write(f'{folder}/test.jsonl', rows)
    write(
        f'{folder}/README.md',
        '---\nconfigs:\n- config_name: main\n  data_files:\n  - split: test\n    path: test.jsonl\n---\n',
    )


def test_working_directory_comes_before_data_variable(elsewhere, monkeypatch):
    there = write('elsewhere/mmlu/a.csv', 'there')
    monkeypatch.setenv('OPENCOMPASS_DATA', str(elsewhere / 'elsewhere'))
    assert find_local('./data/mmlu/a.csv') == there.resolve()
    here = write('data/mmlu/a.csv', 'here')
    assert find_local('./data/mmlu/a.csv').resolve() == here.resolve()


def test_path_is_found_beside_the_package_from_any_folder(elsewhere, monkeypatch):
    monkeypatch.setattr(paths, 'PACKAGE_FOLDER', elsewhere / 'project' / 'opencompass')
    inside, above = write('project/opencompass/data/a', ''), write('project/assets/b', '')
    assert find_local('data/a') == inside.resolve()
    assert find_local('../assets/b') == find_local('assets/b') == above.resolve()
    assert find_local('data/none') is None


def test_hub_copy_may_lie_in_data_variable_with_or_without_hub_folder(elsewhere, monkeypatch):
    monkeypatch.setenv('OPENCOMPASS_DATA', str(elsewhere / 'all'))
    assert find_hub_copy('wics/strategy-qa') is None
    write('all/wics/strategy-qa/README.md', '')
    assert find_hub_copy('wics/strategy-qa') == elsewhere / 'all/wics/strategy-qa'
    write('all/_hub/wics/strategy-qa/README.md', '')
    assert find_hub_copy('wics/strategy-qa') == elsewhere / 'all/_hub/wics/strategy-qa'


def test_missing_file_says_who_wants_what_and_what_to_do(elsewhere):
    with pytest.raises(MissingData) as error:
        MMLUDataset.load(path='./data/mmlu/', name='anatomy')
    message = str(error.value)
    assert message.startswith('MMLUDataset needs ./data/mmlu/dev/anatomy_dev.csv (rows of question, A, B, C, D')
    assert f'  {elsewhere}/data/mmlu/dev/anatomy_dev.csv\n' in message
    assert 'set $OPENCOMPASS_DATA to the folder' in message


def test_corrupt_row_is_named_by_file_and_line():
    write('data/mmlu/dev/anatomy_dev.csv', 'q,1,2,3,4,A\n"two\nlines",1,2,3,4\n')
    with pytest.raises(ValueError) as error:
        MMLUDataset.load(path='data/mmlu', name='anatomy')
    assert str(error.value) == (
        'data/mmlu/dev/anatomy_dev.csv line 3: expected 6 columns (input, A, B, C, D, target), found 5'
    )


def test_corrupt_json_line_of_a_data_file_is_named():
    write('data/x.jsonl', '{"a": 1}\n\n{"a": \n')
    with pytest.raises(CorruptFile, match=r"x\.jsonl line 3: expected a JSON object, found '\{\"a\":'"):
        HFDataset.load(path='json', data_files='./data/x.jsonl', split='train')


def test_corrupt_json_line_of_a_hub_copy_is_named():
    hub_copy('data/_hub/quiz', '{"a": 1}\nno json\n')
    with pytest.raises(CorruptFile, match=r'quiz/test\.jsonl line 2: '):
        HFDataset.load(path='quiz', name='main')


def test_readers_say_what_is_wrong():
    Path('latin.csv').write_bytes('a\ncaf\xe9\n'.encode('latin-1'))
    with pytest.raises(CorruptFile, match='latin.csv line 2: expected UTF-8 text, found byte 0xe9'):
        list(read_csv('latin.csv', ['a']))
    with pytest.raises(CorruptFile, match=r'x.json line 2: expected JSON'):
        read_json(write('x.json', '{"a":\n}'))
    with pytest.raises(CorruptFile, match=r'x.jsonl line 1: expected a JSON object, found .\[1, 2\]'):
        list(read_jsonl(write('x.jsonl', '[1, 2]\n')))
    assert list(read_jsonl(write('bom.jsonl', '\ufeff{"a": "x\u2028y"}\n \n'))) == [{'a': 'x\u2028y'}]


def test_cmrc_answers_are_different_texts_in_the_order_of_the_file():
    write(
        'dev.json',
        '{"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q", "answers": '
        '[{"text": "b"}, {"text": "a"}, {"text": "b"}]}]}]}]}',
    )
    assert list(CMRCDataset.load(path='dev.json')) == [{'context': 'c', 'question': 'q', 'answers': ['b', 'a']}]


def test_local_copy_comes_before_the_hub():
    hub_copy('data/_hub/quiz', '{"a": 1}\n')
    assert HFDataset.load(path='quiz', name='main')['test'].to_list() == [{'a': 1}]


def test_a_path_to_a_folder_is_no_name_on_the_hub(elsewhere, monkeypatch):
    hub_copy('all/quiz', '{"a": 1}\n')
    monkeypatch.setenv('OPENCOMPASS_DATA', str(elsewhere / 'all'))
    folder = {'path': './data/quiz', 'data_dir': './data/quiz', 'name': 'main'}
    assert HFDataset.load(**folder)['test'].to_list() == [{'a': 1}]
    with pytest.raises(MissingData, match=r'HFDataset needs \./data/none'):
        HFDataset.load(path='./data/none')


def test_changed_file_with_same_size_and_time_is_read_anew():
    file = write('x.jsonl', '{"a": 1}\n')
    stamp = file.stat().st_mtime_ns
    assert HFDataset.load(path='json', data_files='x.jsonl', split='train').to_list() == [{'a': 1}]
    file.write_text('{"a": 2}\n')
    os.utime(file, ns=(stamp, stamp))
    assert HFDataset.load(path='json', data_files='x.jsonl', split='train').to_list() == [{'a': 2}]


def test_unreachable_hub_is_explained(elsewhere, monkeypatch):
    import datasets

    def unreachable(**kwargs):
        raise ConnectionError('no network')

    monkeypatch.setattr(datasets, 'load_dataset', unreachable)
    with pytest.raises(MissingData) as error:
        HFDataset.load(path='gsm8k', name='main')
    assert str(error.value).startswith('HFDataset needs the data set gsm8k, a folder with data files and a README.md')
    assert f'  {elsewhere}/data/_hub/gsm8k\n' in str(error.value)
    assert 'no network' in str(error.value)
    assert isinstance(error.value, ConnectionError)


@pytest.mark.skipif(os.name != 'posix', reason='home folders are set by $HOME on POSIX only')
def test_files_load_with_a_home_that_cannot_be_written():
    write('x.jsonl', '{"a": 1}\n')
    code = (
        'from opencompass.datasets import HFDataset; '
        "print(HFDataset.load(path='json', data_files='x.jsonl', split='train').to_list())"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(('HF_', 'XDG_'))}
    ended = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        env=environment | {'HOME': '/dev/null', 'PYTHONPATH': os.pathsep.join(sys.path), 'TMPDIR': str(Path.cwd())},
    )
    assert ended.stdout == "[{'a': 1}]\n", ended.stderr


def test_importing_datasets_and_evaluators_imports_nothing_heavy():
    code = (
        'import sys, opencompass.datasets, opencompass.openicl.icl_evaluator; '
        "print([name for name in ('torch', 'transformers', 'datasets', 'pandas', 'jieba', 'rouge_score', "
        "'sacrebleu', 'sklearn', 'evaluate') if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        env=os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    assert ended.stdout == '[]\n', ended.stderr


def test_demo_benchmark_is_found_from_any_folder_and_its_statements_have_what_clp_wants(monkeypatch):
    monkeypatch.setattr(paths, 'PACKAGE_FOLDER', Path(__file__).resolve().parents[1])
    rows = TigerBotNanoDataset.load(path='../assets/tigerbot-nano/benchmark', subject='statements')
    assert len(rows['dev']) == 5
    assert {(row['answer'], row['label'], *row['choices']) for row in rows['test']} == {
        ('Yes', 1, 'No', 'Yes'),
        ('No', 0, 'No', 'Yes'),
    }
