"""Which checkpoint it is, whatever its folder is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..utils.hashes import sha256_of
from ..utils.paths import find_local
from ..utils.provenance import HASH, digest

WEIGHTS = ('*.safetensors', 'pytorch_model*.bin', 'adapter_model.bin', 'consolidated.*.pth')
#: What decides numbers and token ids, besides the weights.
SETTINGS = ('*config.json', 'params.json', 'config.py', '*token*', '*.model', '*.tiktoken', 'vocab.*', 'merges.txt')
CODE = ('*.jinja', '*.py')


def checkpoint(path: str, with_weights: bool = True) -> dict[str, Any]:
    """Hashes of a checkpoint's folder: each file of weights, and the others together. Of a hub name what the hub's
    cache holds; the bare name where that is nowhere. Of a file, such as a tokenizer's, its own hash."""
    file = find_local(path)
    if file is not None and file.is_file():
        return {'settings': digest({'file': sha256_of([file])[file.name]})}
    folder = _folder(path)
    if folder is None:
        return {'path': path}
    found: dict[str, Any] = {'settings': digest(sha256_of(_files(folder, SETTINGS + CODE)))}
    if with_weights:
        found['weights'] = {name: one[:HASH] for name, one in sha256_of(_files(folder, WEIGHTS)).items()}
    return found


def _folder(path: str) -> Path | None:
    """Where the checkpoint lies: a folder, or the newest copy of the name in the hub's cache."""
    found = find_local(path)
    if found is not None:
        return found if found.is_dir() else None
    from huggingface_hub import try_to_load_from_cache

    try:
        config = try_to_load_from_cache(path, 'config.json')
    except ValueError:  # no name that a hub could have
        return None
    return Path(config).parent if isinstance(config, str) else None


def _files(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted({file for pattern in patterns for file in folder.glob(pattern) if file.is_file()})
