"""Data sets and models built from configs, and messages to Lark."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest
from mmengine.config import ConfigDict

from opencompass.registry import LOAD_DATASET, MODELS, TASKS
from opencompass.utils.build import build_dataset_from_cfg, build_model_from_cfg
from opencompass.utils.lark import LarkReporter
from opencompass.utils.logging import get_logger


class Greedy:
    """Keeps what it is built with, and changes what it was given."""

    def __init__(self, **arguments: Any) -> None:
        self.arguments = copy.deepcopy(arguments)
        arguments['settings']['changed'] = True


@pytest.fixture
def greedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for registry in (LOAD_DATASET, MODELS):
        monkeypatch.setitem(registry.module_dict, 'Greedy', Greedy)


@pytest.mark.parametrize(
    ('build', 'task_keys'),
    [
        (build_dataset_from_cfg, {'abbr': 'x', 'infer_cfg': {}, 'eval_cfg': {}}),
        (build_model_from_cfg, {'abbr': 'x', 'max_out_len': 5, 'batch_size': 2, 'run_cfg': {'num_gpus': 1}}),
    ],
)
def test_building_hides_task_keys_and_leaves_the_config_alone(greedy: None, build: Any, task_keys: dict):
    cfg = ConfigDict(type='Greedy', path='p', settings={'a': 1}, **task_keys)
    before = copy.deepcopy(cfg)
    assert build(cfg).arguments == {'path': 'p', 'settings': {'a': 1}}
    assert cfg == before


def test_a_refused_message_is_no_error(monkeypatch: pytest.MonkeyPatch):
    sent = []

    def post(url: str, json: dict, timeout: float) -> SimpleNamespace:
        sent.append((url, json))
        return SimpleNamespace(status_code=500, text='no')

    warned: list[tuple] = []
    monkeypatch.setattr('requests.post', post)
    monkeypatch.setattr(get_logger(), 'warning', lambda *args: warned.append(args))
    LarkReporter('https://lark.example').post('完成')
    assert sent == [('https://lark.example', {'msg_type': 'text', 'content': {'text': '完成'}})]
    assert warned == [('The Lark robot refused a message: %s %s', 500, 'no')]


def test_rich_text_needs_a_title():
    with pytest.raises(AssertionError, match='without title is a text'):
        LarkReporter('https://lark.example').post([[{'tag': 'text', 'text': 'x'}]])


def test_what_the_recorded_package_has_not_is_found_by_its_name_and_not_listed():
    assert TASKS.get('ModelEvaluator').__name__ == 'ModelEvaluator'
    assert sorted(TASKS.module_dict) == ['OpenICLEvalTask', 'OpenICLInferTask']
