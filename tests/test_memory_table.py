"""The table of memory needs is what its script computes, and the script counts weights as the libraries do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from train.memory_table import GIB, LIVE, LORA_R, METHODS, SHAPES, Shape, activations, fewest, gathered, spread, zero3

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = ROOT / 'train' / 'ds_config'
SMALL = Shape('small', 128, 2, 384, 4, 2, 512)


def llama(shape: Shape) -> LlamaForCausalLM:
    with torch.device('meta'):
        return LlamaForCausalLM(
            LlamaConfig(
                vocab_size=shape.vocabulary,
                hidden_size=shape.hidden,
                intermediate_size=shape.intermediate,
                num_hidden_layers=shape.layers,
                num_attention_heads=shape.heads,
                num_key_value_heads=shape.kv_heads,
                tie_word_embeddings=False,
            )
        )


def test_table_in_the_readme_is_what_the_script_prints() -> None:
    script = [sys.executable, str(ROOT / 'train' / 'memory_table.py')]
    printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    assert printed in (ROOT / 'train' / 'README.md').read_text('utf-8')
    assert len(printed.splitlines()) == 2 + len(SHAPES) * len(METHODS) + 2


@pytest.mark.parametrize('shape', [SMALL, *SHAPES], ids=lambda shape: shape.name)
def test_weights_and_adapters_are_counted_as_transformers_and_peft_count_them(shape: Shape) -> None:
    from peft import LoraConfig, get_peft_model

    model = llama(shape)
    assert model.num_parameters() == shape.weights
    with torch.device('meta'):
        adapted = get_peft_model(model, LoraConfig(r=LORA_R, target_modules='all-linear', task_type='CAUSAL_LM'))
    assert adapted.get_nb_trainable_parameters()[0] == shape.adapters


def test_a_4_bit_weight_takes_the_bits_that_the_table_counts() -> None:
    from bitsandbytes.functional import quantize_4bit

    data, state = quantize_4bit(torch.randn(1024, 1024), quant_type='nf4', compress_statistics=True)
    constants = [state.absmax, state.state2.absmax]
    bits = 8 * sum(one.numel() * one.element_size() for one in [data, *constants]) / 1024**2
    assert bits == pytest.approx(4 + 0.127, abs=0.0005)


def test_a_7b_run_by_hand() -> None:
    shape = SHAPES[0]
    assert shape.weights == 32 * (4 * 4096**2 + 3 * 4096 * 11008) + 2 * 60512 * 4096 + 65 * 4096
    tokens = 2048 * (2 * 4096 * 32 + 20 * 4096 + 4 * 4096 + 8 * 11008 + 16 * 60512)
    assert activations(shape, 2048) == tokens
    whole = 2 * LIVE + 2 * 60512 * 4096
    assert gathered(shape) == whole
    assert zero3(shape, 2, 2048).gpu == 8 * shape.weights + whole + tokens
    assert spread(shape, 0, 2, 0).gpu == 8 * shape.adapters


def test_methods_that_fit_nowhere_say_what_is_missing() -> None:
    seventy = SHAPES[-1]
    need = METHODS['full, ZeRO-2 (`ds_config_zero2`)'](seventy, 64, 2048).gpu / GIB + 2
    assert fewest(seventy, METHODS['full, ZeRO-2 (`ds_config_zero2`)'], 79.0, 2048) == f'– ({need:.0f})'


def test_every_full_method_names_its_settings_and_they_are_what_it_says() -> None:
    named = {name.split('`')[1]: name for name in METHODS if name.startswith('full')}
    zeros = {name: json.loads((CONFIGS / f'{name}.json').read_text())['zero_optimization'] for name in named}
    found = {name: (zero['stage'], {key for key in zero if key.startswith('offload')}) for name, zero in zeros.items()}
    both = {'offload_optimizer', 'offload_param'}
    assert found == {
        'ds_config_zero2': (2, set()),
        'ds_config_zero2_offload': (2, {'offload_optimizer'}),
        'ds_config_zero3_no_offload': (3, set()),
        'ds_config_zero3': (3, both),
    }
    assert {zero['stage3_max_live_parameters'] for zero in zeros.values() if zero['stage'] == 3} == {LIVE}
    assert {path.stem for path in CONFIGS.iterdir()} == {*named, 'ds_config_qlora'}
