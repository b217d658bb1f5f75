"""tools/check_data.py on small folders of data, and the places where all data are published."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import TOOLS, tool

from opencompass.datasets._sources import places_of, source_of, sources
from opencompass.utils import config as configs

CONFIGS = TOOLS.parent / 'configs'
QUESTION = {'question': 'what?', 'choices': [{'text': one, 'label': one} for one in 'ABCD']}
ARC = json.dumps({'question': {'stem': 'what?', 'choices': QUESTION['choices']}, 'answerKey': 'A'})
GSM8K_CARD = '---\nconfigs:\n- config_name: main\n  data_files:\n'
GSM8K_CARD += ''.join(f'  - split: {split}\n    path: {split}.jsonl\n' for split in ('train', 'test')) + '---\n'
GSM8K_ROW = json.dumps({'question': '1 + 1?', 'answer': '#### 2'}) + '\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of benchmarks: GSM8K is there, one subject of MMLU, and ARC-c with a line that is cut off."""
    files = {
        '_hub/gsm8k/README.md': GSM8K_CARD,
        '_hub/gsm8k/train.jsonl': GSM8K_ROW * 3,
        '_hub/gsm8k/test.jsonl': GSM8K_ROW * 2,
        'mmlu/dev/anatomy_dev.csv': 'q,1,2,3,4,A\n' * 5,
        'mmlu/test/anatomy_test.csv': 'q,1,2,3,4,A\n' * 7,
        'ARC/ARC-c/ARC-Challenge-Dev.jsonl': f'{ARC}\n{ARC[:40]}\n',
        'ARC/ARC-e/ARC-Easy-Dev.jsonl': f'{ARC}\n',
    }
    for name, content in files.items():
        path = tmp_path / 'bench' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding='utf-8')
    return tmp_path / 'bench'


def rows_of(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """The table's cells by the first one."""
    table = done.stdout.split('\n\n')[0].splitlines()
    starts = [
        place for place, sign in enumerate(table[1]) if sign == '-' and (place == 0 or table[1][place - 1] == ' ')
    ]
    cut = [[line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)] for line in table]
    return {first: rest for first, *rest in cut[2:]}


def below(done: subprocess.CompletedProcess[str], place: str) -> list[str]:
    """The lines about one benchmark after the table."""
    [found] = [part for part in done.stdout.split('\n\n')[1:] if part.startswith(f'{place}: ')]
    return [line.strip() for line in found.splitlines()]


@pytest.mark.slow
def test_data_are_present_missing_or_malformed(data: Path, tmp_path: Path) -> None:
    chosen = ('gsm8k_gen', 'mmlu_ppl', 'ARC_c_gen', 'ARC_e_gen', 'Xsum_gen', 'race_gen')
    done = tool(tmp_path, 'check_data.py', 'bench', *chosen)
    assert (done.returncode, done.stderr) == (1, '')
    assert rows_of(done) == {
        'data/ARC/ARC-c': ['ARC, challenge set', 'malformed', '', '2'],
        'data/ARC/ARC-e': ['ARC, easy set', 'present', '1', '2'],
        'data/mmlu': ['MMLU', '56 of 57 missing', 'dev 5, test 7', '2'],
        'data/Xsum': ['XSum', 'missing', '', '3'],
        'gsm8k': ['GSM8K', 'present', 'train 3, test 2', '4'],
        'race': ['RACE', 'missing', '', '3'],
    }
    assert done.stdout.endswith('\n2 present, 3 missing, 1 malformed\n')
    assert below(done, 'data/ARC/ARC-c')[0] == 'data/ARC/ARC-c: malformed; used by ARC_c_gen, ARC_c_gen_1e0de5'
    assert below(done, 'data/ARC/ARC-c')[1].startswith(f'malformed  {data}/ARC/ARC-c/ARC-Challenge-Dev.jsonl line 2: ')
    assert below(done, 'data/Xsum')[1:] == [
        f'missing    {data}/Xsum/dev.jsonl (a JSON object with dialogue and summary a line)',
        'published  https://github.com/EdinburghNLP/XSum',
        'licence    not stated',
    ]
    assert below(done, 'race')[1].startswith(f'missing    {data}/_hub/race (a folder with data files and a README.md ')
    [first, *_, more] = below(done, 'data/mmlu')[1:-2]
    assert first == f'missing    {data}/mmlu/dev/abstract_algebra_dev.csv ' + (
        '(rows of question, A, B, C, D, answer without a header line)'
    )
    assert more == 'and 52 more'


@pytest.mark.slow
def test_the_exit_code_tells_whether_all_is_there_or_only_something_is_missing(data: Path, tmp_path: Path) -> None:
    (tmp_path / 'data').mkdir()  # what lies in ./data counts in a run, and not here
    (data / 'mmlu').rename(tmp_path / 'data' / 'mmlu')
    assert tool(tmp_path, 'check_data.py', str(data), 'gsm8k').returncode == 0
    done = tool(tmp_path, 'check_data.py', str(data), 'gsm8k', 'mmlu_gen')
    assert (done.returncode, rows_of(done)['data/mmlu'][1]) == (3, 'missing')
    assert below(done, 'data/mmlu')[1].startswith(f'missing    {data}/mmlu (with dev/college_biology_dev.csv: rows of')


@pytest.mark.slow
def test_a_part_that_cannot_be_read_for_another_reason_is_told_with_it(data: Path, tmp_path: Path) -> None:
    (data / '_hub/gsm8k/README.md').write_text(GSM8K_CARD.replace('main', 'socratic'))
    (data / 'ARC/ARC-e/ARC-Easy-Dev.jsonl').write_text('')
    done = tool(tmp_path, 'check_data.py', str(data), 'gsm8k', 'ARC_e_ppl')
    assert (done.returncode, rows_of(done)['gsm8k'][1]) == (1, 'malformed')
    assert below(done, 'data/ARC/ARC-e')[1] == 'malformed  ./data/ARC/ARC-e/ARC-Easy-Dev.jsonl: no rows'
    assert below(done, 'gsm8k')[1].startswith("malformed  gsm8k, main: BuilderConfig 'main' not found")


def test_a_folder_or_a_pattern_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = tool(tmp_path, 'check_data.py', 'nowhere')
    assert done.returncode == 2
    assert done.stderr.endswith('error: DATA_DIR nowhere is no folder\n')
    done = tool(tmp_path, 'check_data.py', '.', 'mmlux')
    assert done.stderr.endswith('error: no data set config matches mmlux; see tools/list_configs.py\n')


@pytest.fixture(scope='module')
def entries() -> list[dict[str, Any]]:
    """Every data set of every config."""
    sys.path.insert(0, str(TOOLS))
    try:
        from _config_files import config_files
    finally:
        sys.path.remove(str(TOOLS))
    loaded = [configs.load(str(file)) for file in config_files('datasets', [])]
    values = [cfg[name] for cfg in loaded for name in cfg if name.endswith(('datasets', 'dataset'))]
    return [entry for value in values for entry in (value if isinstance(value, list) else [value])]


@pytest.mark.slow
def test_where_all_data_are_published_is_known(entries: list[dict[str, Any]]) -> None:
    places = {place for entry in entries for place in places_of(entry)}
    assert not [entry['type'] for entry in entries if not places_of(entry)]
    assert not [place for place in sorted(places) if source_of(place) is None]
    assert not set(sources()) - {source_of(place).place for place in places}, 'nothing uses these'
    assert len(places) >= 100
    for source in sources().values():
        assert all((source.benchmark, source.published, source.licence)), source


def test_a_place_has_the_source_of_the_folder_that_it_lies_in() -> None:
    assert source_of('data/mmlu/dev').benchmark == 'MMLU'
    assert source_of('data/triviaqa-rc').benchmark == 'TriviaQA with texts'
    assert source_of('data/other') is source_of('data') is None
    assert places_of({'type': 'HFDataset', 'path': 'json', 'data_files': {'a': ['./x/1', 'y'], 'b': 'z'}}) == [
        'x/1',
        'y',
        'z',
    ]
