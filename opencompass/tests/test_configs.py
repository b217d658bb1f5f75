"""Every config file holds the values that its published version has, whatever recipes it is written with."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from conformance import RECORDS
from mmengine.config import Config

CONFIGS = Path(__file__).resolve().parent.parent / 'configs'
AT_LEAST = 18


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


def ours(records) -> list[str]:
    return [name for name in records.files() if (CONFIGS / name).exists()]


def test_configs_have_the_recorded_values_and_no_others():
    records = recorded()
    names = ours(records)
    variables = 0
    for name in names:
        wanted = records.values(name)
        assert written_back(CONFIGS / name).to_dict() == wanted, name
        variables += len(wanted)
    print(f'{len(names)} of {len(records.files())} recorded configs compared, {variables} variables')
    assert len(names) >= AT_LEAST


def test_prompt_hashes_are_the_recorded_ones():
    from opencompass.utils.prompt import get_prompt_hash

    records = recorded()
    compared = 0
    for name in ours(records):
        config = written_back(CONFIGS / name)
        for variable, wanted in records.prompt_hash(name).items():
            assert get_prompt_hash(config[variable])[:6] == wanted, f'{name} {variable}'
            compared += 1
    print(f'{compared} prompt hashes compared')
    assert compared >= AT_LEAST - 1


def test_every_config_loads():
    files = [file for file in CONFIGS.rglob('*.py') if not file.name.startswith('_')]
    for file in files:
        Config.fromfile(file)
    print(f'{len(files)} configs loaded')
    assert len(files) >= AT_LEAST


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
