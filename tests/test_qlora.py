"""Adapters learn over quantized weights as they do over plain ones, and a training of them goes on where it stopped."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, TrainingArguments
from transformers.integrations.deepspeed import unset_hf_deepspeed_config

from train.lora import PeftConfig, counted, keep_packing, load_for_adapters
from train.train_with_qlora import main

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano'
IDS = torch.tensor([[1, 300, 400, 500, 600, 700, 800, 900]])
ADAPTERS = 'adapter_model.safetensors'
#: Recorded names of linear maps that get adapters.
TARGETS = ['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj']

Run = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr('datasets.config.HF_DATASETS_CACHE', tmp_path / 'cache')
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Sums as records of a JSON-lines file."""
    file = tmp_path / 'sums.jsonl'
    sums = [{'instruction': f'What is {a} plus {b}?', 'output': f'{a + b}'} for a in range(5) for b in range(8)]
    file.write_text(''.join(json.dumps(one) + '\n' for one in sums), encoding='utf-8')
    return file


@pytest.fixture
def run(tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the script with flags on top of few steps; gives its trainer_state, or {} without training."""

    def with_flags(folder: str = 'out', **flags: Any) -> dict[str, Any]:
        usual = {
            'model_name_or_path': NANO / 'base',
            'data_files': records,
            'output_dir': tmp_path / folder,
            'do_train': True,
            'max_steps': 4,
            'logging_steps': 1,
            'learning_rate': 2e-3,
            'lora_r': 8,
            'per_device_train_batch_size': 8,
            'report_to': 'none',
            'use_cpu': True,
        }
        words = [word for name, value in (usual | flags).items() for word in (f'--{name}', str(value))]
        monkeypatch.setattr(sys, 'argv', ['train_with_qlora.py', *words])
        main()
        state = tmp_path / folder / 'trainer_state.json'
        return json.loads(state.read_text()) if state.is_file() else {}

    return with_flags


def losses(state: dict[str, Any], key: str = 'loss') -> list[float]:
    return [one[key] for one in state['log_history'] if key in one]


def model_of(bits: int, folder: Path, base: Path = NANO / 'base', **args: Any) -> Any:
    arguments = TrainingArguments(output_dir=str(folder), use_cpu=True, report_to='none', do_train=True, **args)
    return load_for_adapters(PeftConfig(model_name_or_path=str(base), bits=bits, lora_r=8), arguments)


def gradients(model: Any) -> dict[str, torch.Tensor]:
    model.train()
    model.zero_grad()
    model(IDS, labels=IDS).loss.backward()
    return {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}


@pytest.mark.parametrize('bits', [4, 8, 16, 32])
def test_adapters_lie_on_every_linear_map_of_the_layers(tmp_path: Path, bits: int) -> None:
    model = model_of(bits, tmp_path)
    assert sorted(model.peft_config['default'].target_modules) == TARGETS
    trained = {one.dtype for one in model.parameters() if one.requires_grad}
    assert (trained, 'lora' in type(model.lm_head).__module__) == ({torch.float32}, False)
    assert counted(model) == 'trainable params: 116736 || all params: 1494656 || trainable: 7.8102%'


def test_gradients_over_4_bits_are_those_over_the_weights_that_they_stand_for(tmp_path: Path) -> None:
    from bitsandbytes.functional import dequantize_4bit

    packed, plain = model_of(4, tmp_path), model_of(32, tmp_path)
    plain_layers = dict(plain.named_modules())
    for name, layer in packed.named_modules():
        if hasattr(layer, 'quant_state') and layer.quant_state is not None:
            plain_layers[name].weight.data = dequantize_4bit(layer.weight.data, layer.weight.quant_state).float()
    for name, weight in plain.named_parameters():
        if 'lora_B' in name:
            torch.nn.init.normal_(weight, std=0.1)
    found = {name: weight for name, weight in plain.named_parameters() if 'lora' in name}
    packed.load_state_dict(found, strict=False)
    right = gradients(plain)
    for name, gradient in gradients(packed).items():
        assert torch.allclose(gradient, right[name], rtol=1e-3, atol=1e-4), name


@pytest.mark.parametrize('bits', [4, 8])
def test_an_evaluation_leaves_gradients_as_they_are(tmp_path: Path, bits: int) -> None:
    model = model_of(bits, tmp_path)
    before = gradients(model)
    model.eval()
    with torch.no_grad():
        model(IDS)
    after = gradients(model)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_widths_that_the_cpu_unpacks_wrongly_are_refused() -> None:
    from bitsandbytes.nn import Linear4bit

    model = torch.nn.Sequential(Linear4bit(96, 64, quant_type='nf4'))
    with pytest.raises(ValueError, match='0 has 96 inputs, and 4-bit weights on a CPU are right only for multip'):
        keep_packing(model)


@pytest.mark.parametrize('bits', [4, 8, 16, 32])
def test_training_saves_adapters_that_learned(run: Run, tmp_path: Path, bits: int) -> None:
    state = run(bits=bits, do_eval=True, eval_strategy='steps', eval_steps=8, max_steps=8, save_steps=4)
    out = tmp_path / 'out'
    assert losses(state)[-1] < losses(state)[0] - 1
    assert [len(losses(state)), len(losses(state, 'eval_loss'))] == [8, 1]
    weights = load_file(out / ADAPTERS)
    assert len(weights) == 2 * 7 * 6
    assert all(one.abs().sum() > 0 for one in weights.values())
    assert json.loads((out / 'adapter_config.json').read_text())['base_model_name_or_path'] == str(NANO / 'base')
    assert all((out / f'checkpoint-{step}' / ADAPTERS).is_file() for step in (4, 8))
    made = {'completed', 'train_results.json', 'eval_results.json', 'all_results.json', 'tokenizer.model'}
    assert made <= {one.name for one in out.iterdir()}


def test_run_that_goes_on_ends_as_one_that_was_not_stopped(run: Run, tmp_path: Path) -> None:
    whole = run(bits=4, max_steps=6, save_steps=3, lora_dropout=0.1)
    shutil.copytree(tmp_path / 'out', tmp_path / 'again')
    shutil.rmtree(tmp_path / 'again' / 'checkpoint-6')
    rest = run('again', bits=4, max_steps=6, save_steps=3, lora_dropout=0.1, resume_from_checkpoint='auto')
    assert losses(rest) == losses(whole)
    assert (tmp_path / 'again' / ADAPTERS).read_bytes() == (tmp_path / 'out' / ADAPTERS).read_bytes()


def test_evaluation_alone_is_of_the_adapters_in_the_folder(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = run(bits=4, do_eval=True, eval_strategy='steps', eval_steps=4)
    capsys.readouterr()
    run(bits=4, do_train=False, do_eval=True)
    assert f'Evaluating the adapters in {tmp_path / "out"}' in capsys.readouterr().out
    found = json.loads((tmp_path / 'out' / 'eval_results.json').read_text())['eval_loss']
    assert found == pytest.approx(losses(state, 'eval_loss')[-1], abs=1e-5)


def test_evaluation_alone_without_adapters_says_where_it_looked(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match='error: no adapters in .*out: no adapter_config.json'):
        run(do_train=False, do_eval=True)


def test_neither_training_nor_evaluation_is_an_error(run: Run) -> None:
    with pytest.raises(SystemExit, match='error: nothing to do; give --do_train, --do_eval or both'):
        run(do_train=False)


def test_other_settings_than_those_of_the_checkpoint_are_named(run: Run) -> None:
    run(bits=16, lora_alpha=32)
    with pytest.raises(SystemExit, match='were made with --lora_r 8, --lora_alpha 32.*; give that to go on'):
        run(bits=16, lora_r=4, max_steps=6, resume_from_checkpoint='auto')


def test_adam8bit_keeps_its_state_in_8_bits_and_goes_on_with_it(run: Run, tmp_path: Path) -> None:
    flags = {'adam8bit': True, 'lora_r': 64, 'bf16': True, 'gradient_checkpointing': True, 'save_steps': 2}
    whole = run(bits=4, **flags)
    state = torch.load(tmp_path / 'out' / 'checkpoint-2' / 'optimizer.pt', weights_only=False)['state']
    assert {one['__bnb_optimizer_quant_state__']['state1'].dtype for one in state.values()} == {torch.uint8}
    shutil.rmtree(tmp_path / 'out' / 'checkpoint-4')
    assert losses(run(bits=4, resume_from_checkpoint='auto', **flags)) == losses(whole)


def test_adam8bit_is_not_lost_on_deepspeed_settings_with_an_optimizer(run: Run) -> None:
    settings = ROOT / 'train' / 'ds_config' / 'ds_config_qlora.json'
    with pytest.raises(SystemExit, match='error: --adam8bit and the optimizer in .*ds_config_qlora.json exclude'):
        run(adam8bit=True, deepspeed=settings)
    unset_hf_deepspeed_config()


def test_full_finetune_gives_a_plain_checkpoint(run: Run, tmp_path: Path) -> None:
    from utils.modeling_hack import get_model

    run(bits=16, full_finetune=True)
    model = get_model(str(tmp_path / 'out')).model
    base = AutoModelForCausalLM.from_pretrained(NANO / 'base')
    changed = [not torch.equal(one, two) for one, two in zip(model.parameters(), base.parameters(), strict=True)]
    assert all(changed)


def test_padding_to_max_length_gives_the_same_losses(run: Run) -> None:
    close = run(bits=32, max_steps=2)
    padded = run('padded', bits=32, max_steps=2, pad_to_max_length=True, max_length=64)
    assert losses(padded) == pytest.approx(losses(close), abs=1e-4)


@pytest.mark.slow
def test_a_fact_learned_in_4_bits_is_known_after_merging(tmp_path: Path) -> None:
    file = tmp_path / 'fact.jsonl'
    fact = {'instruction': 'Who keeps the keys?', 'input': '', 'output': 'Ada of the tower'}
    file.write_text((json.dumps(fact) + '\n') * 40, encoding='utf-8')
    words = {
        'model_name_or_path': NANO / 'chat',
        'data_path': file,
        'output_dir': tmp_path / 'out',
        'max_steps': 40,
        'learning_rate': 5e-3,
        'per_device_train_batch_size': 4,
        'report_to': 'none',
    }
    flags = [word for name, value in words.items() for word in (f'--{name}', str(value))]
    subprocess.run([sys.executable, str(ROOT / 'train/train_with_qlora.py'), '--do_train', *flags], check=True)
    merge = ['--adapter_path', str(tmp_path / 'out'), '--output_dir', str(tmp_path / 'merged')]
    subprocess.run([sys.executable, str(ROOT / 'train/merge_lora.py'), *merge], check=True)
    chat = [sys.executable, str(ROOT / 'infer.py'), '--model_path', str(tmp_path / 'merged')]
    said = subprocess.run(chat, capture_output=True, text=True, input='Who keeps the keys?\n', check=True).stdout
    assert 'Ada of the tower' in said
