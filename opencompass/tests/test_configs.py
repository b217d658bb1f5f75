"""Every config file holds the values that its published version has, whatever recipes it is written with."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from conformance import RECORDS
from mmengine.config import Config

from opencompass.utils.prompt import get_prompt_hash

CONFIGS = Path(__file__).resolve().parent.parent / 'configs'
FILES, VARIABLES = 406, 1496
#: Of each published config: the hash of its values. Of those with another prompt hash than in their name: that hash.
PUBLISHED = yaml.safe_load((Path(__file__).parent / 'published.yaml').read_text(encoding='utf-8'))


@pytest.fixture(autouse=True)
def without_benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configs load from any folder; the texts that BBH makes prompts with are not here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('OPENCOMPASS_DATA', str(tmp_path))


def recorded():
    """The reader of the recorded values; skips the test where there are none."""
    if not (RECORDS / 'configs_read.py').exists():
        pytest.skip(f'no recorded configs at {RECORDS}')
    sys.path.insert(0, str(RECORDS))
    try:
        import configs_read
    finally:
        sys.path.remove(str(RECORDS))
    return configs_read


def written_back(file: Path) -> Config:
    """The config as run.py reads it: plain data without functions and helpers, types as dotted names."""
    values = Config.fromfile(file).to_dict()
    kept = {name: value for name, value in values.items() if not name.startswith('_') and not callable(value)}
    return Config(ast.literal_eval(repr(kept)))


@functools.cache
def config(name: str) -> Config:
    return written_back(CONFIGS / name)


@functools.cache
def ours(name: str) -> dict:
    return config(name).to_dict()


def fingerprint(name: str) -> str:
    return hashlib.sha256(json.dumps(ours(name), sort_keys=True).encode()).hexdigest()[:10]


def prompt_hashes(name: str) -> dict[str, str]:
    """Of every variable that run.py takes for a list of datasets."""
    return {variable: get_prompt_hash(value)[:6] for variable, value in config(name).items() if '_dataset' in variable}


def test_configs_have_the_recorded_values_and_no_others():
    records = recorded()
    variables = 0
    for name in records.files():
        wanted = records.values(name)
        assert ours(name) == wanted, name
        variables += len(wanted)
    assert (len(records.files()), variables) == (FILES, VARIABLES)


def test_configs_are_the_published_ones():
    changed = [name for name, wanted in PUBLISHED['fingerprints'].items() if fingerprint(name) != wanted]
    assert changed == [], 'a published config never changes: a new version is a new file named by its hash'
    assert len(PUBLISHED['fingerprints']) == FILES


def test_prompt_hashes_are_the_recorded_ones():
    records = recorded()
    compared = 0
    for name in records.files():
        for variable, wanted in records.prompt_hash(name).items():
            assert get_prompt_hash(config(name)[variable])[:6] == wanted, f'{name} {variable}'
            compared += 1
    assert compared == 659


def test_a_config_is_named_by_its_hash_but_for_the_published_exceptions():
    named = {name: found[1] for name in PUBLISHED['fingerprints'] if (found := re.search(r'_([0-9a-f]{6})\.py$', name))}
    differ = {name: hashes for name, wanted in named.items() if [wanted] != (hashes := [*prompt_hashes(name).values()])}
    assert differ == {name: [other] for name, other in PUBLISHED['other hash than in the name'].items()}
    assert len(named) == 212


def test_our_own_configs_load_too():
    files = [file for file in CONFIGS.rglob('*.py') if not file.name.startswith('_')]
    own = [file for file in files if str(file.relative_to(CONFIGS)) not in PUBLISHED['fingerprints']]
    for file in own:
        Config.fromfile(file)
    assert len(own) == len(files) - FILES >= 20


def test_demo_benchmark_is_summarised_by_the_names_of_its_datasets():
    config = written_back(CONFIGS / 'eval_tigerbot_nano.py')
    names = {dataset['abbr'] for dataset in config['datasets']}
    groups = {group['name']: group['subsets'] for group in config['summarizer']['summary_groups']}
    assert {subset for subsets in groups.values() for subset in subsets} | {'nano_control'} == names
    assert set(config['summarizer']['dataset_abbrs']) == names | set(groups)
    assert len(config['summarizer']['dataset_abbrs']) == len(names) + len(groups)


def test_demo_prompts_separate_examples_as_the_model_was_trained():
    from opencompass.registry import ICL_PROMPT_TEMPLATES, ICL_RETRIEVERS, LOAD_DATASET

    config = written_back(CONFIGS / 'datasets/tigerbot_nano/tigerbot_nano_gen.py')['nano_gen_datasets'][0]
    dataset = LOAD_DATASET.build({key: config[key] for key in ('type', 'path', 'subject', 'reader_cfg')})
    parts = config['infer_cfg']
    retriever = ICL_RETRIEVERS.build({**parts['retriever'], 'dataset': dataset})
    examples = retriever.generate_ice([0, 1, 2, 3, 4], ice_template=ICL_PROMPT_TEMPLATES.build(parts['ice_template']))
    prompt = retriever.generate_prompt_for_generate_task(
        0, examples, prompt_template=ICL_PROMPT_TEMPLATES.build(parts['prompt_template'])
    )
    wanted = [f'Question: {row["question"]}\nAnswer: {row["answer"]}\n' for row in dataset.train]
    assert prompt == ''.join(wanted) + f'Question: {dataset.test[0]["question"]}\nAnswer:'
