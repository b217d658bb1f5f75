"""The files of a tokenizer, copied beside a trained model so that it reads the very ids it was trained on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from transformers.utils import cached_file

from utils.modeling_hack import checkpoint

NAMES = (
    'tokenizer.json',
    'tokenizer.model',
    'tokenizer_config.json',
    'special_tokens_map.json',
    'added_tokens.json',
    'vocab.json',
    'merges.txt',
    'generation_config.json',
)
TEMPLATES = ('chat_template.jinja', 'chat_template.json')


class TokenizerFiles:
    """The files of a checkpoint's tokenizer and generation settings.

    A saved tokenizer of transformers is not the one that was loaded: settings such as add_bos_token get lost.
    """

    def __init__(self, model_path: str, has_template: bool = True) -> None:
        """Without `has_template` the chat template stays behind: the model learned another format."""
        folder = checkpoint(model_path)
        self.has_template = has_template
        found = [_file(folder, name) for name in (*NAMES, *(TEMPLATES if has_template else ()))]
        self.files = [file for file in found if file is not None]

    def copy(self, folder: Path) -> None:
        """Put the files into a folder."""
        for file in self.files:
            shutil.copyfile(file, folder / file.name)
        settings = folder / 'tokenizer_config.json'
        if not self.has_template and settings.is_file():
            read = json.loads(settings.read_text(encoding='utf-8'))
            if read.pop('chat_template', None) is not None:
                settings.write_text(json.dumps(read, indent=2, ensure_ascii=False), encoding='utf-8')


def _file(folder: str, name: str) -> Path | None:
    try:
        return Path(str(cached_file(folder, name)))
    except OSError:
        return None
