"""Short names of models, data sets and tasks, and the paths made of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


def _type_name(kind: Any) -> str:
    """The dotted name of a config's `type`, which is a class where the config was not dumped and read again."""
    return f'{kind.__module__}.{kind.__qualname__}' if isinstance(kind, type) else str(kind)


def model_abbr_from_cfg(cfg: Mapping[str, Any]) -> str:
    """`abbr`, else the type and the last two parts of the path, links resolved.

    A relative path is made absolute first: `gpt-4` becomes `TYPE_FOLDER_gpt-4`, with the current folder's name.
    """
    if cfg.get('abbr') is not None:
        return cfg['abbr']
    return '_'.join([_type_name(cfg['type']), *os.path.realpath(cfg['path']).split('/')[-2:]])


def dataset_abbr_from_cfg(cfg: Mapping[str, Any]) -> str:
    """`abbr`, else path and name with `_` for `/`. The range of rows is no part of it."""
    if cfg.get('abbr') is not None:
        return cfg['abbr']
    abbr = cfg['path']
    if 'name' in cfg:
        abbr += '_' + cfg['name']
    return abbr.replace('/', '_')


def task_abbr_from_cfg(task: Mapping[str, Any]) -> str:
    """`[model/dataset,...]` of all pairs of a task."""
    pairs = [
        f'{model_abbr_from_cfg(model)}/{dataset_abbr_from_cfg(dataset)}'
        for number, model in enumerate(task['models'])
        for dataset in task['datasets'][number]
    ]
    return f'[{",".join(pairs)}]'


def get_infer_output_path(
    model_cfg: Mapping[str, Any],
    dataset_cfg: Mapping[str, Any],
    root_path: str | None = None,
    file_extension: str = 'json',
) -> str:
    """`ROOT/MODEL/DATASET.EXTENSION`; a slash in an abbreviation makes a subfolder, never a path outside of ROOT."""
    assert root_path is not None, 'get_infer_output_path needs root_path, the folder of the outputs'
    model, dataset = model_abbr_from_cfg(model_cfg), dataset_abbr_from_cfg(dataset_cfg)
    return os.path.join(root_path, model.lstrip('/'), f'{dataset.lstrip("/")}.{file_extension}')  # noqa: PTH118 - keeps ./
