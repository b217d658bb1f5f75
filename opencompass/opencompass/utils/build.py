"""Data sets and models from their configs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mmengine.config import ConfigDict

from opencompass.registry import LOAD_DATASET, MODELS

if TYPE_CHECKING:
    from opencompass.datasets.base import BaseDataset
    from opencompass.models.base import BaseModel

# What is set on a model once it is loaded.
SET_LATER = ('generation_kwargs', 'tokens_per_step')
# What tasks read from a config and constructors do not take.
TASK_KEYS = {
    'dataset': ('infer_cfg', 'eval_cfg', 'abbr'),
    'model': ('run_cfg', 'max_out_len', 'batch_size', 'abbr', *SET_LATER),
}


def _arguments(cfg: dict[str, Any], kind: str) -> ConfigDict:
    """A deep copy of the config without the keys of tasks: constructors may change what they get."""
    return ConfigDict({key: copy.deepcopy(value) for key, value in cfg.items() if key not in TASK_KEYS[kind]})


def model_class(model_cfg: Mapping[str, Any]) -> Any:
    """The class that a model config names; None where there is no such class."""
    return MODELS.get(model_cfg['type']) if isinstance(model_cfg['type'], str) else model_cfg['type']


def build_dataset_from_cfg(dataset_cfg: dict[str, Any]) -> BaseDataset:
    """The loaded data set; the config stays as it is."""
    return LOAD_DATASET.build(_arguments(dataset_cfg, 'dataset'))


def build_model_from_cfg(model_cfg: dict[str, Any]) -> BaseModel:
    """The loaded model; the config stays as it is."""
    model = MODELS.build(_arguments(model_cfg, 'model'))
    for name in SET_LATER:
        asked = model_cfg.get(name)
        if not asked:
            continue
        if not hasattr(model, name):
            raise TypeError(f'{type(model).__name__} takes no {name}: {asked}')
        setattr(model, name, copy.deepcopy(dict(asked) if isinstance(asked, Mapping) else asked))
    return model
