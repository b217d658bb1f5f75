"""The hash that names a prompt version."""

import copy
import hashlib

from conformance import assert_as_recorded
from mmengine.config import ConfigDict

from opencompass.utils.prompt import get_prompt_hash

COLUMNS = {'input_columns': ['q'], 'output_column': 'a'}


def config(template='{q}', **more):
    parts = {
        'prompt_template': {'type': 'x.PromptTemplate', 'template': template},
        'retriever': {'type': 'y.ZeroRetriever'},
    }
    return ConfigDict(abbr='sums', reader_cfg=dict(COLUMNS), infer_cfg={**parts, **more})


def test_the_hashes_of_real_configs_are_as_recorded():
    assert_as_recorded('prompt_hash_configs', 130)


def test_only_the_inference_settings_count():
    other = config()
    other.update(abbr='other', eval_cfg={'evaluator': 'x'})
    other.reader_cfg.test_range = '[:5]'
    assert get_prompt_hash(other) == get_prompt_hash(config()) != get_prompt_hash(config('{q}?'))


def test_labels_as_numbers_or_texts_are_the_same():
    assert get_prompt_hash(config({0: 'n', 1: 'y'})) == get_prompt_hash(config({'1': 'y', '0': 'n'}))


def test_the_hash_of_a_list_is_that_of_its_hashes_unless_it_has_one_item():
    one, two = config(), config('{q}?')
    assert get_prompt_hash([one]) == get_prompt_hash(one)
    joined = f'{get_prompt_hash(one)},{get_prompt_hash(two)}'
    assert get_prompt_hash([one, two]) == hashlib.sha256(joined.encode()).hexdigest()


def test_a_config_is_left_as_it_is():
    given = config()
    before = copy.deepcopy(given)
    get_prompt_hash(given)
    assert given == before


def test_a_config_of_the_older_layout_is_brought_into_the_newer_one():
    given = config(reader_cfg={'type': 'z.DatasetReader', 'test_split': 'dev', **COLUMNS})
    get_prompt_hash(given)
    assert given.reader_cfg == COLUMNS
    assert given.infer_cfg == {
        'prompt_template': {'type': 'PromptTemplate', 'template': '{q}'},
        'retriever': {'type': 'ZeroRetriever', 'test_split': 'dev'},
        'reader_cfg': {'type': 'DatasetReader', 'test_split': 'dev', **COLUMNS},
        'reader': {'type': 'DatasetReader', **COLUMNS},
    }
