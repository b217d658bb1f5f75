"""How a run is divided into tasks."""

from __future__ import annotations

import copy
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conformance import PROJECT, assert_as_recorded
from mmengine.config import ConfigDict

from opencompass.partitioners import NaivePartitioner, SizePartitioner
from opencompass.registry import LOAD_DATASET
from opencompass.utils.logging import get_logger

OUT = 'run/predictions'


def config(*datasets: dict[str, Any]) -> ConfigDict:
    return ConfigDict(models=[{'abbr': 'm', 'type': 'Fake', 'path': 'x'}], datasets=list(datasets), work_dir='run')


def dataset(abbr: str, **reader: Any) -> dict[str, Any]:
    """A generating data set of the file ABBR.jsonl."""
    return {
        'type': 'HFDataset',
        'abbr': abbr,
        'path': 'json',
        'data_files': {'train': f'{abbr}.jsonl', 'test': f'{abbr}.jsonl'},
        'reader_cfg': {'input_columns': ['q'], 'output_column': 'a', **reader},
        'infer_cfg': {'prompt_template': {'type': 'PromptTemplate', 'template': '{q}'}},
    }


def write_rows(abbr: str, count: int) -> None:
    Path(f'{abbr}.jsonl').write_text(''.join(json.dumps({'q': f'{i}', 'a': ''}) + '\n' for i in range(count)))


def write_sizes(**sizes: int) -> None:
    Path('.cache').mkdir()
    Path('.cache/dataset_size.json').write_text(json.dumps(sizes))


def sizes() -> dict[str, int]:
    return json.loads(Path('.cache/dataset_size.json').read_text(encoding='utf-8'))


def parts(tasks: list[ConfigDict]) -> list[list[tuple[str, Any]]]:
    """Abbreviation and range of the data sets of each task."""
    return [[(one['abbr'], one['reader_cfg'].get('test_range')) for one in task['datasets'][0]] for task in tasks]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('HF_DATASETS_CACHE', str(tmp_path / 'cache'))
    return tmp_path


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    """The warnings of the package's logger, which pytest's caplog does not see."""
    messages: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    keeper = Keeper(level=logging.WARNING)
    get_logger().addHandler(keeper)
    yield messages
    get_logger().removeHandler(keeper)


@pytest.mark.slow
def test_tasks_are_as_recorded():
    assert_as_recorded('partitioners', at_least=73)


def test_a_folder_named_like_an_output_is_no_output():
    Path(OUT, 'm/d.json').mkdir(parents=True)
    assert len(NaivePartitioner(OUT)(config(dataset('d')))) == 1


def test_a_changed_task_does_not_change_the_config():
    cfg = config(dataset('d'))
    before = copy.deepcopy(cfg)
    (task,) = NaivePartitioner(OUT)(cfg)
    task['datasets'][0][0]['reader_cfg']['test_range'] = '[:1]'
    task['models'][0]['path'] = 'other'
    assert cfg == before


def test_a_dataset_without_files_gets_its_own_task_and_a_warning_that_names_them(warnings: list[str]):
    write_sizes(a=1, b=2)
    assert parts(SizePartitioner(OUT)(config(dataset('a'), dataset('gone'), dataset('b')))) == [
        [('gone', None)],
        [('b', None), ('a', None)],
    ]
    (message,) = warnings
    assert all(said in message for said in ('data set gone:', 'gone.jsonl', 'not there'))
    assert sizes() == {'a': 1, 'b': 2}


def test_a_bare_missing_file_of_a_foreign_dataset_is_named_with_its_place(
    monkeypatch: pytest.MonkeyPatch, warnings: list[str]
):
    monkeypatch.setitem(LOAD_DATASET.module_dict, 'Foreign', lambda **arguments: Path('data/rows.txt').read_text())
    SizePartitioner(OUT)(config(dataset('d') | {'type': 'Foreign'}))
    assert len(warnings) == 1 and f'looked for at {Path.cwd() / "data/rows.txt"}; put it there' in warnings[0]


def test_a_wrong_range_gets_its_own_task_and_a_warning_that_names_the_dataset(warnings: list[str]):
    write_sizes(a=1, bad=500)
    assert parts(SizePartitioner(OUT)(config(dataset('a'), dataset('bad', test_range='[:50')))) == [
        [('bad', '[:50')],
        [('a', None)],
    ]
    assert len(warnings) == 1 and 'data set bad:' in warnings[0] and "'[:50'" in warnings[0]


def test_a_size_counted_under_a_short_range_does_not_hide_rows_later():
    write_rows('gsm8k', 30)
    SizePartitioner(OUT)(config(dataset('gsm8k', test_range='[:15]')))
    assert sizes() == {'gsm8k': 15}
    assert parts(SizePartitioner(OUT)(config(dataset('gsm8k')))) == [
        [('gsm8k_0', '[0:10]')],
        [('gsm8k_1', '[10:20]')],
        [('gsm8k_2', '[20:30]')],
    ]


def test_a_range_is_counted_once():
    write_rows('gsm8k', 30)
    assert parts(SizePartitioner(OUT)(config(dataset('gsm8k', test_range='[10:]')))) == [
        [('gsm8k_0', '[10:][0:10]')],
        [('gsm8k_1', '[10:][10:20]')],
    ]


def test_a_remembered_size_is_counted_again_before_a_division():
    write_rows('d', 3)
    write_sizes(d=1000)
    assert parts(SizePartitioner(OUT)(config(dataset('d')))) == [[('d', None)]]
    assert sizes() == {'d': 3}


def test_a_limit_below_the_cost_of_a_row_makes_parts_of_one_row():
    write_rows('d', 2)
    tasks = SizePartitioner(OUT, max_task_size=1)(config(dataset('d')))
    assert parts(tasks) == [[('d_0', '[0:1]')], [('d_1', '[1:2]')]]


@pytest.mark.parametrize('reader', [{'test_range': 150}, {'test_range': 0.75}, {'ds_size': 150}])
def test_a_random_choice_of_rows_is_not_divided(reader: dict[str, Any]):
    write_rows('d', 200)
    assert parts(SizePartitioner(OUT)(config(dataset('d', **reader)))) == [[('d', reader.get('test_range'))]]


@pytest.mark.parametrize('damaged', ['{"d": 5', '[1]', '{"d": "many"}'])
def test_a_damaged_size_file_is_replaced(damaged: str, warnings: list[str]):
    write_rows('d', 4)
    write_sizes()
    Path('.cache/dataset_size.json').write_text(damaged)
    assert parts(SizePartitioner(OUT)(config(dataset('d')))) == [[('d', None)]]
    assert sizes() == {'d': 4}
    assert [path.name for path in Path('.cache').iterdir()] == ['dataset_size.json']
    assert len(warnings) == (0 if 'many' in damaged else 1)


WITHOUT_TORCH = """
import importlib.abc, importlib.machinery, sys

class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == 'torch' else None

    def create_module(self, spec):
        raise ImportError('no torch')

sys.meta_path.insert(0, Broken())
import test_partitioners as t
print(len(t.SizePartitioner(t.OUT)(t.config(t.dataset('d')))), 'datasets' in sys.modules)
"""


@pytest.mark.slow
def test_dividing_needs_no_torch():
    write_rows('d', 200)
    ended = subprocess.run(
        [sys.executable, '-c', WITHOUT_TORCH],
        capture_output=True,
        text=True,
        check=False,
        env={'PYTHONPATH': f'{PROJECT}:{PROJECT / "tests"}', 'PATH': '', 'HOME': str(Path.cwd())},
    )
    assert (ended.returncode, ended.stdout.splitlines()[-1:]) == (0, ['2 True']), ended.stderr
