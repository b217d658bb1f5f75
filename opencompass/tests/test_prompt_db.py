"""The file that tells which config a version in the table belongs to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mmengine.config import ConfigDict

from opencompass.utils import prompt_db
from opencompass.utils.prompt import get_prompt_hash
from opencompass.utils.summarizer import Summarizer

SETTINGS = {'database_path': 'configs/log.json', 'config_dir': 'configs', 'blacklist': '.promptignore'}
TEXT = "some_datasets = [dict(abbr='x', infer_cfg=dict(prompt={!r}))]\n"
BASED = 'from mmengine.config import read_base\nwith read_base():\n    from .._words import prompt\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is warned of."""
    told: list[str] = []
    monkeypatch.setattr(prompt_db.get_logger(), 'warning', told.append)
    return told


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding='utf-8')


def hash_of(prompt: str) -> str:
    return get_prompt_hash(ConfigDict(infer_cfg={'prompt': prompt}))


def database() -> dict[str, str]:
    prompt_db.update(SETTINGS)
    return json.loads(Path('configs/log.json').read_text())


def test_each_hash_leads_to_its_file_and_a_version_comes_before_its_alias() -> None:
    write('configs/a/a.py', TEXT.format('one'))
    write('configs/a/a_0123ab.py', TEXT.format('one'))
    two = TEXT.format('two').replace(']', f', dict(infer_cfg=dict(prompt={"three"!r}))]')
    write('configs/b.py', two)
    whole = get_prompt_hash([ConfigDict(infer_cfg={'prompt': one}) for one in ('two', 'three')])
    assert database() == {
        hash_of('one'): 'configs/a/a_0123ab.py',
        hash_of('two'): 'configs/b.py',
        hash_of('three'): 'configs/b.py',
        whole: 'configs/b.py',
    }


def test_the_blacklist_leaves_out_files_and_folders() -> None:
    for name in ('kept', 'old/a', 'deep/old/b', 'drafts/c', 'one_draft'):
        write(f'configs/{name}.py', TEXT.format(name))
    write('.promptignore', '# not these\nold/\nconfigs/drafts\n*_draft.py\n')
    assert database() == {hash_of('kept'): 'configs/kept.py'}


def test_only_what_changed_is_read_again_also_where_a_base_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    write('configs/_words.py', "prompt = 'one'\n")
    write('configs/a/based.py', BASED + 'a_datasets = [dict(infer_cfg=dict(prompt=prompt))]\n')
    write('configs/other.py', TEXT.format('other'))
    first = database()
    assert first[hash_of('one')] == 'configs/a/based.py'
    read: list[str] = []
    load = prompt_db.config.load
    monkeypatch.setattr(prompt_db.config, 'load', lambda path: read.append(path) or load(path))
    assert (database(), read) == (first, [])
    write('configs/_words.py', "prompt = 'two'\n")
    assert set(database()) == {hash_of('two'), hash_of('other')}
    assert read == ['configs/a/based.py']


def test_a_broken_config_is_named_and_the_others_are_there(warnings: list[str]) -> None:
    write('configs/broken.py', 'x = (\n')
    write('configs/good.py', TEXT.format('good'))
    assert database() == {hash_of('good'): 'configs/good.py'}
    assert [one for one in warnings if 'leaves out configs/broken.py' in one] == warnings != []


def test_a_damaged_cache_only_costs_time() -> None:
    write('configs/a.py', TEXT.format('a'))
    write('.cache/prompt_hashes.json', '{')
    assert database() == {hash_of('a'): 'configs/a.py'}


def test_without_the_folder_nothing_is_written(folder: Path) -> None:
    prompt_db.update(SETTINGS)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize('wrong', [{}, {'config_dir': 'configs'}, {**SETTINGS, 'database_path': 'configs/a.py/no'}])
def test_a_failure_is_a_warning_and_the_table_is_there(wrong: dict, warnings: list[str]) -> None:
    write('configs/a.py', TEXT.format('a'))
    dataset = {'abbr': 'x', 'infer_cfg': {'prompt': 'a'}}
    cfg = ConfigDict(work_dir='out', models=[{'abbr': 'm'}], datasets=[dataset], summarizer={'prompt_db': wrong or [1]})
    Summarizer(cfg).summarize(time_str='now')
    assert Path('out/summary/summary_now.txt').exists()
    [told] = warnings
    assert 'prompt_db' in told


def test_a_run_keeps_the_file_up_to_date() -> None:
    write('configs/a.py', TEXT.format('a'))
    cfg = ConfigDict(
        work_dir='out',
        models=[{'abbr': 'm'}],
        datasets=[{'abbr': 'x', 'infer_cfg': {'prompt': 'a'}}],
        summarizer={'prompt_db': SETTINGS},
    )
    Summarizer(cfg).summarize()
    assert json.loads(Path('configs/log.json').read_text()) == {hash_of('a'): 'configs/a.py'}
