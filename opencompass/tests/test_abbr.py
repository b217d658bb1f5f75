"""Names of models, data sets and tasks."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from opencompass.utils.abbr import dataset_abbr_from_cfg, get_infer_output_path, model_abbr_from_cfg


def test_a_null_abbr_counts_as_none():
    assert model_abbr_from_cfg({'abbr': None, 'type': 'Fake', 'path': '/a/b/c'}) == 'Fake_b_c'
    assert dataset_abbr_from_cfg({'abbr': None, 'path': 'a/b'}) == 'a_b'


def test_a_class_as_type_names_the_model_as_its_dotted_text_would():
    assert model_abbr_from_cfg({'type': OrderedDict, 'path': '/a/b'}) == 'collections.OrderedDict_a_b'


@pytest.mark.parametrize(
    ('model', 'dataset', 'path'), [('/abs/m', 'd', 'r/abs/m/d.json'), ('m', '/abs/d', 'r/m/abs/d.json')]
)
def test_an_abbr_with_a_leading_slash_stays_below_the_root(model: str, dataset: str, path: str):
    assert get_infer_output_path({'abbr': model}, {'abbr': dataset}, 'r') == path
