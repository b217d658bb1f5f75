"""How a result came about: what two runs must have in common for their scores to be compared, and nothing of the host.

The inference task writes it beside the predictions, `DATASET.yaml` beside `DATASET.json`; the evaluation task copies it
into the result.
"""

from __future__ import annotations

import copy
import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any

from .files import write_atomic
from .predictions import store_path
from .prompt import get_prompt_hash

#: Packages whose versions may change a prompt, an answer or a score.
PACKAGES = ('datasets', 'numpy', 'peft', 'tokenizers', 'torch', 'transformers', 'vllm')
#: Characters of a hash that are shown.
HASH = 16


def of_inference(model: Any, model_cfg: Mapping[str, Any], dataset_cfg: Any, inferencer: Any, seed: int) -> dict:
    """What decides the predictions of a loaded model on a data set."""
    return {
        'versions': versions(),
        'model': of_model(model, model_cfg),
        'prompt': get_prompt_hash(copy.deepcopy(dataset_cfg)),
        'inferencer': {'type': type(inferencer).__name__, **getattr(inferencer, 'settings', {})},
        'seed': seed,
    }


def of_model(model: Any, model_cfg: Mapping[str, Any]) -> dict:
    """What decides the answers of a loaded model to a prompt."""
    return {
        'type': f'{type(model).__module__}.{type(model).__qualname__}',
        'meta_template': digest(model_cfg.get('meta_template')),
        **_without_folders(getattr(model, 'fingerprint', dict)()),
    }


@cache
def versions() -> dict[str, str]:
    """The versions of this package, of Python and of what is installed of PACKAGES."""
    from .. import __version__

    found = {'opencompass': __version__, 'python': platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def digest(value: Any) -> str:
    """The start of the sha256 of a JSON value."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH]


def note(predictions: Path, provenance: dict) -> None:
    """Write how the predictions come about. Predictions that are resumed under other circumstances keep both."""
    path = _path(predictions)
    earlier = _read(path) if store_path(predictions).exists() else []
    if provenance not in earlier:
        write_atomic(path, _dumped([*earlier, provenance]))


def of_predictions(files: list[Path]) -> list[dict]:
    """How predictions came about: one entry, or more where files or the starts of a resumed run differ; none of
    predictions from elsewhere."""
    found: list[dict] = []
    for file in files:
        found += [one for one in _read(_path(file)) if one not in found]
    return found


def merge(predictions: Path, files: list[Path]) -> None:
    """Write how predictions that are made of several files came about."""
    if entries := of_predictions(files):
        write_atomic(_path(predictions), _dumped(entries))


def _path(predictions: Path) -> Path:
    return predictions.with_suffix('.yaml')


def _dumped(entries: list[dict]) -> str:
    import yaml

    return yaml.safe_dump(json.loads(json.dumps(entries, default=str)), sort_keys=False, allow_unicode=True)


def _read(path: Path) -> list[dict]:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding='utf-8')) or []
    except FileNotFoundError:
        return []


def _without_folders(value: Any) -> Any:
    """Paths of this machine cut to their last part."""
    if isinstance(value, Mapping):
        return {key: _without_folders(one) for key, one in value.items()}
    if isinstance(value, str) and (value.startswith(('.', '~')) or PurePath(value).is_absolute()):
        return PurePath(value).name
    return value
