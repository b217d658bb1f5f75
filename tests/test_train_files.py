"""What is saved beside trained weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from training import NANO

from train.tokenizer_files import TokenizerFiles
from utils.modeling_hack import load_tokenizer


@pytest.mark.parametrize('place', ['tokenizer_config.json', 'chat_template.jinja'])
def test_a_template_that_was_not_trained_stays_behind(tmp_path: Path, place: str) -> None:
    """A chat with the trained model would be spelled by it."""
    base = tmp_path / 'base'
    shutil.copytree(NANO, base)
    template = '{% for m in messages %}{{ m.content }}{% endfor %}'
    if place.endswith('.json'):
        settings = json.loads((base / place).read_text())
        (base / place).write_text(json.dumps(settings | {'chat_template': template}))
    else:
        (base / place).write_text(template)
    assert load_tokenizer(str(base)).chat_template == template
    for has_template in (True, False):
        saved = tmp_path / f'saved-{has_template}'
        saved.mkdir()
        TokenizerFiles(str(base), has_template).copy(saved)
        tokenizer = load_tokenizer(str(saved))
        assert tokenizer.chat_template == (template if has_template else None)
        assert tokenizer('a </s> b')['input_ids'] == load_tokenizer(str(base))('a </s> b')['input_ids']
        assert (saved / 'generation_config.json').read_bytes() == (base / 'generation_config.json').read_bytes()
