"""Adapters (LoRA) that a training saved: where they lie, and whether a run can go on with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

CONFIG_FILE = 'adapter_config.json'
WEIGHTS_FILES = ('adapter_model.safetensors', 'adapter_model.bin')
#: Settings of adapters without which their weights mean something else, and the flags that set them.
SETTINGS = {'r': '--lora_r', 'lora_alpha': '--lora_alpha'}


def adapter_folder(path: str) -> Path:
    """The folder with the adapters of an output folder.

    It is the folder itself, its `adapter_model`, or either one in the newest `checkpoint-N`: older versions of
    train_with_qlora.py left adapters in checkpoints only.
    """
    top = Path(path).expanduser()
    checkpoints = [one for one in top.glob('checkpoint-*') if re.fullmatch(r'checkpoint-\d+', one.name)]
    newest_first = sorted(checkpoints, key=lambda one: -int(one.name.rsplit('-', 1)[-1]))
    for folder in (place for one in [top, *newest_first] for place in (one, one / 'adapter_model')):
        if (folder / CONFIG_FILE).is_file() and any((folder / name).is_file() for name in WEIGHTS_FILES):
            return folder
    raise FileNotFoundError(
        f'no adapters in {path}: no {CONFIG_FILE} with {" or ".join(WEIGHTS_FILES)} lies in it, in its adapter_model '
        'or in a checkpoint-N of it; give the output folder of train_with_qlora.py'
    )


def check_adapters(folder: str | None, model: Any) -> None:
    """ValueError where a run with this model cannot go on from the adapters of a checkpoint."""
    made = getattr(model, 'peft_config', {}).get('default')
    if folder is None or made is None:
        return
    file = Path(folder) / CONFIG_FILE
    if not file.is_file():
        raise ValueError(
            f'{folder} has no {CONFIG_FILE}; training can go on only from checkpoints that train_with_qlora.py writes '
            'today (merge_lora.py reads older ones)'
        )
    stored = json.loads(file.read_text(encoding='utf-8'))
    others = [f'{flag} {stored[name]}' for name, flag in SETTINGS.items() if stored[name] != getattr(made, name)]
    if others:
        raise ValueError(f'the adapters in {folder} were made with {", ".join(others)}; give that to go on from them')
