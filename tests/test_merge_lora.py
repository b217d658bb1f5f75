"""Merged weights are those of base and adapters, or nothing is written; the checkpoint works where any other does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

import train.merge_lora as script
from train.adapters import adapter_folder
from utils.modeling_hack import get_model

ROOT = Path(__file__).resolve().parent.parent
BASE = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
IDS = torch.tensor([[1, 300, 400, 500, 600, 700]])
WEIGHTS = 'adapter_model.safetensors'
TOKENIZER = ('tokenizer.json', 'tokenizer.model', 'tokenizer_config.json')


def adapters(folder: Path, size: float = 0.1, targets: str | list[str] = 'all-linear', **more: Any) -> torch.Tensor:
    """Adapters with random weights in a folder; gives the logits of base and adapters."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    config = LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type='CAUSAL_LM', **more)
    adapted = get_peft_model(model, config).eval()
    for name, weight in adapted.named_parameters():
        if 'lora_B' in name:
            torch.nn.init.normal_(weight, std=size)
    adapted.save_pretrained(folder)
    with torch.inference_mode():
        return adapted(IDS).logits[0]


def asked(adapter: Path, output: Path, **more: Any) -> Namespace:
    usual = {'model_name_or_path': None, 'dtype': None, 'compute_dtype': 'float32', 'max_shard_size': '5GB'}
    return Namespace(adapter_path=str(adapter), output_dir=str(output), **(usual | more))


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(IDS).logits[0].float()


@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_merged_checkpoint_answers_as_base_and_adapters(tmp_path: Path, dtype: str) -> None:
    right = adapters(tmp_path / 'adapters')
    script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged', dtype=dtype))
    model, tokenizer, settings = get_model(str(tmp_path / 'merged'), dtype='float32')
    limit = {'float32': 1e-5, 'bfloat16': 0.02}[dtype]
    assert script.difference([logits(model)], [right]) < limit
    assert script.difference([logits(get_model(str(BASE), dtype='float32').model)], [right]) > 0.1
    assert (settings.max_new_tokens, tokenizer('a')['input_ids']) == (64, [1, 326])
    config = json.loads((tmp_path / 'merged' / 'config.json').read_text())
    assert (config['dtype'], 'quantization_config' in config) == (dtype, False)


def test_tokenizer_and_settings_are_the_files_of_the_base(tmp_path: Path) -> None:
    adapters(tmp_path / 'adapters')
    script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged', max_shard_size='1MB'))
    same = [*TOKENIZER, 'generation_config.json']
    assert [(tmp_path / 'merged' / one).read_bytes() for one in same] == [(BASE / one).read_bytes() for one in same]
    shards = sorted(one.name for one in (tmp_path / 'merged').glob('*.safetensors'))
    assert len(shards) > 1
    assert shards[0].startswith('model-00001-of-')
    assert sorted(one.name for one in tmp_path.iterdir()) == ['adapters', 'merged']


def test_settings_that_transformers_refuses_to_save_are_kept(tmp_path: Path) -> None:
    adapters(tmp_path / 'adapters')
    shutil.copytree(BASE, tmp_path / 'base')
    odd = json.loads((BASE / 'generation_config.json').read_text()) | {'temperature': 0.3}
    (tmp_path / 'base' / 'generation_config.json').write_text(json.dumps(odd))
    script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged', model_name_or_path=str(tmp_path / 'base')))
    assert json.loads((tmp_path / 'merged' / 'generation_config.json').read_text()) == odd


def test_tokenizer_beside_the_adapters_wins(tmp_path: Path) -> None:
    adapters(tmp_path / 'adapters')
    for name in TOKENIZER:
        shutil.copy(BASE / name, tmp_path / 'adapters' / name)
    (tmp_path / 'adapters' / 'chat_template.jinja').write_text('{{ messages[0].content }}')
    script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged'))
    assert get_model(str(tmp_path / 'merged')).tokenizer.chat_template == '{{ messages[0].content }}'


def test_merge_that_changes_logits_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from peft.tuners.lora.layer import Linear

    adapters(tmp_path / 'adapters')
    whole = Linear.get_delta_weight
    # A library that merges three quarters of each adapter.
    monkeypatch.setattr(Linear, 'get_delta_weight', lambda layer, name: 0.75 * whole(layer, name))
    with pytest.raises(ValueError, match=r'merging gives other logits than base and adapters: they differ by \d.*e-'):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged'))
    assert sorted(one.name for one in tmp_path.iterdir()) == ['adapters']


def test_small_adapters_that_are_not_merged_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from peft.tuners.lora.layer import Linear

    adapters(tmp_path / 'adapters', size=1e-5)
    monkeypatch.setattr(Linear, 'get_delta_weight', lambda layer, name: torch.zeros_like(layer.weight))
    with pytest.raises(ValueError, match='merging gives other logits'):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged'))


def test_checkpoint_damaged_in_writing_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapters(tmp_path / 'adapters')
    whole = script.write

    def write(model: Any, *rest: Any) -> None:
        model.model.layers[3].mlp.up_proj.weight.data.mul_(1.5)
        whole(model, *rest)

    monkeypatch.setattr(script, 'write', write)
    with pytest.raises(ValueError, match='the written checkpoint gives other logits'):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged'))
    assert sorted(one.name for one in tmp_path.iterdir()) == ['adapters']


def test_adapters_with_nan_are_refused(tmp_path: Path) -> None:
    adapters(tmp_path / 'adapters')
    weights = load_file(tmp_path / 'adapters' / WEIGHTS)
    next(iter(weights.values()))[0, 0] = float('nan')
    save_file(weights, tmp_path / 'adapters' / WEIGHTS)
    with pytest.raises(ValueError, match='NaN|differ by inf'):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged'))


def test_adapters_of_another_model_are_refused(tmp_path: Path) -> None:
    adapters(tmp_path / 'adapters')
    weights = load_file(tmp_path / 'adapters' / WEIGHTS)
    save_file(
        {key.replace('layers.5', 'layers.9'): one for key, one in weights.items()}, tmp_path / 'adapters' / WEIGHTS
    )
    with pytest.raises(
        ValueError, match=r'do not fit the base model: 14 parts of it get none and 14 are left over, such'
    ):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged'))


def test_quantized_base_is_refused(tmp_path: Path) -> None:
    from transformers import BitsAndBytesConfig

    adapters(tmp_path / 'adapters')
    quantized = AutoModelForCausalLM.from_pretrained(BASE, quantization_config=BitsAndBytesConfig(load_in_8bit=True))
    quantized.save_pretrained(tmp_path / 'base8')
    with pytest.raises(ValueError, match='base8 is quantized, .* plain checkpoint .* by --model_name_or_path'):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'merged', model_name_or_path=str(tmp_path / 'base8')))


def test_folder_with_something_in_it_is_kept(tmp_path: Path) -> None:
    adapters(tmp_path / 'adapters')
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full' / 'file').write_text('mine')
    with pytest.raises(ValueError, match='full is there and not empty; give a new folder'):
        script.merge(asked(tmp_path / 'adapters', tmp_path / 'full'))


@pytest.mark.parametrize('place', ['.', 'adapter_model', 'checkpoint-20', 'checkpoint-20/adapter_model'])
def test_adapters_are_found_where_old_and_new_versions_put_them(tmp_path: Path, place: str) -> None:
    for one in [tmp_path / 'checkpoint-9', tmp_path / place]:
        one.mkdir(parents=True, exist_ok=True)
        (one / 'adapter_config.json').write_text('{}')
        (one / 'adapter_model.bin').touch()
    (tmp_path / 'checkpoint-30').mkdir()
    assert adapter_folder(str(tmp_path)) == tmp_path / place


def test_old_layout_with_pickled_weights_merges(tmp_path: Path) -> None:
    right = adapters(tmp_path / 'new')
    old = tmp_path / 'out' / 'checkpoint-45' / 'adapter_model'
    old.mkdir(parents=True)
    torch.save(load_file(tmp_path / 'new' / WEIGHTS), old / 'adapter_model.bin')
    shutil.copy(tmp_path / 'new' / 'adapter_config.json', old)
    script.merge(asked(tmp_path / 'out', tmp_path / 'merged', dtype='float32'))
    assert script.difference([logits(get_model(str(tmp_path / 'merged')).model)], [right]) < 1e-5


def test_no_adapters_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='no adapters in .*: no adapter_config.json with'):
        adapter_folder(str(tmp_path))


@pytest.mark.slow
def test_merged_checkpoint_chats_and_is_evaluated(tmp_path: Path) -> None:
    from opencompass.models import HuggingFaceCausalLM

    adapters(tmp_path / 'adapters', size=0.001)
    flags = ['--adapter_path', str(tmp_path / 'adapters'), '--output_dir', str(tmp_path / 'merged')]
    run = [sys.executable, str(ROOT / 'train' / 'merge_lora.py'), *flags]
    said = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, check=True).stdout
    assert said.splitlines()[-1] == f'Merged weights, bfloat16, are in {tmp_path / "merged"}'
    chat = [sys.executable, str(ROOT / 'infer.py'), '--model_path', str(tmp_path / 'merged')]
    answered = subprocess.run(chat, capture_output=True, text=True, input='What is 3 plus 4?\n', check=True).stdout
    assert '7' in answered.split('?')[-1]
    model = HuggingFaceCausalLM(path=str(tmp_path / 'merged'), max_seq_len=128)
    assert len(model.get_ppl(['one', 'two'])) == 2
