"""The tiny random Llama of the fixture `tiny`, loaded and changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from opencompass.models import HuggingFaceCausalLM
from opencompass.utils.build import build_model_from_cfg

TEXTS = ['a', 'the answer is 42', '北京是中国的首都。', 'Question: what is two plus two?\nAnswer: four\n' * 3, 'x y z ']


def load(folder: Path, **settings: Any) -> HuggingFaceCausalLM:
    """As a task loads it: `settings` are what a config may say."""
    kwargs = {'torch_dtype': 'float32'}
    return build_model_from_cfg(
        {'type': HuggingFaceCausalLM, 'path': str(folder), 'max_seq_len': 256, 'model_kwargs': kwargs, **settings}
    )


def changed(tiny: Path, folder: Path, name: str, **values: Any) -> Path:
    """The checkpoint with other values in one of its JSON files."""
    shutil.copytree(tiny, folder)
    file = folder / name
    old = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**old, **values}))
    return folder


def ids_of(model: HuggingFaceCausalLM, text: str) -> list[int]:
    return model.tokenizer(text)['input_ids']
