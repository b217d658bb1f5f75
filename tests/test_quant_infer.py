"""Chats in 8 and 4 bit: less memory, the same answers, and no wrong weights without an error."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from utils import quantization
from utils.quantization import bytes_in_16_bit, get_quantized, memory, weight_bytes

pytest.importorskip('bitsandbytes')
ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano'
WIDTHS = pytest.mark.parametrize('wbit', [8, 4])
IDS = torch.tensor([[1, 40, 300, 41, 42]])


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A model whose feed-forward layers are 100 wide, which 4-bit layers cannot serve."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=1536, hidden_size=128, intermediate_size=100, num_hidden_layers=2, num_attention_heads=4
    )
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(NANO / 'chat').save_pretrained(tmp_path)
    return tmp_path


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(IDS).logits.float()


def distance(model: Any, other: Any) -> float:
    """Of the logits, as a share of their size."""
    return float((logits(model) - logits(other)).norm() / logits(other).norm())


def kinds(model: Any) -> dict[str, int]:
    """How many linear layers there are of each class."""
    found = [type(module).__name__ for module in model.modules() if isinstance(module, torch.nn.Linear)]
    return {kind: found.count(kind) for kind in sorted(set(found))}


@pytest.mark.slow
def test_memory_falls_and_perplexity_of_held_out_text_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / 'benchmarks'))
    importlib.import_module('bench_quant').main(['--quick', '--threads', '1', '--json', str(tmp_path / 'rows.json')])
    shown = capsys.readouterr().out
    rows = json.loads((tmp_path / 'rows.json').read_text())['rows']
    assert [(row['task'], row['runner']) for row in rows] == [
        (task, runner)
        for task in ('tigerbot-nano', 'random Llama, 64 wide')
        for runner in ('32 bit', '16 bit', '8 bit', '4 bit')
    ]
    assert all(row['prefill'] > 0 and row['decode'] > 0 for row in rows)
    full, plain, eight, four = [row['perplexity'] for row in rows[:4]]
    assert 1 < full < 10
    assert plain == pytest.approx(full, rel=0.002)
    assert eight == pytest.approx(full, rel=0.01) and eight != full
    assert four == pytest.approx(full, rel=0.02) and four != full
    sizes = [row['weight_bytes'] / rows[1]['weight_bytes'] for row in rows[:4]]
    assert [round(size, 2) for size in sizes[:2]] == [2, 1]
    assert sizes[2] < 0.59 and sizes[3] < 0.4
    assert re.search(r'^8 bit +[\d.]+ +0\.5\d ', shown, re.M), shown


@WIDTHS
def test_all_layers_but_the_output_are_quantized_and_counted(wbit: int) -> None:
    model = get_quantized(str(NANO / 'chat'), wbit=wbit).model
    plain = AutoModelForCausalLM.from_pretrained(NANO / 'chat')
    linears = {name for name, module in plain.named_modules() if isinstance(module, torch.nn.Linear)} - {'lm_head'}
    weights = sum(plain.get_submodule(name).weight.numel() for name in linears)
    assert kinds(model) == {'Linear': 1, {8: 'Linear8bitLt', 4: 'Linear4bit'}[wbit]: len(linears)}
    assert bytes_in_16_bit(model) == 2 * plain.num_parameters() == 2 * sum(one.numel() for one in plain.parameters())
    others = (plain.num_parameters() - weights) * model.dtype.itemsize
    outputs = sum(plain.get_submodule(name).out_features for name in linears)
    # 8 bit: a scale for each output, in single precision. 4 bit: one for each 64 weights, in single precision until
    # the first token, and the 16 values of a layer.
    scales = {8: 4 * outputs, 4: 4 * weights // 64 + 64 * len(linears)}[wbit]
    rest = weight_bytes(model) - others - weights * wbit // 8 - scales
    assert 0 <= rest < 1000
    logits(model)
    assert weight_bytes(model) <= rest + others + weights * wbit // 8 + scales
    assert memory(model).startswith(f'weights: {weight_bytes(model) / 1e6:.1f} MB, ')


@WIDTHS
def test_layers_of_other_shapes_stay_in_16_bit_with_one_notice(
    wbit: int, odd: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = get_quantized(str(odd), wbit=wbit, dtype='float32').model
    said = capfd.readouterr().err
    assert distance(model, AutoModelForCausalLM.from_pretrained(odd, dtype='float32')) < {8: 0.03, 4: 0.15}[wbit]
    if wbit == 8:
        assert (kinds(model), said.count('stay in')) == ({'Linear': 1, 'Linear8bitLt': 14}, 0)
    else:
        assert kinds(model) == {'Linear': 1 + 6, 'Linear4bit': 8}
        assert [line for line in said.splitlines() if 'stay in' in line] == [
            'These layers stay in float32, because 4 bit need inputs in multiples of 64 and outputs in multiples of '
            '32: 2 x model.layers.*.mlp.gate_proj (128 to 100), 2 x model.layers.*.mlp.up_proj (128 to 100), '
            '2 x model.layers.*.mlp.down_proj (100 to 128)'
        ]


def test_a_4_bit_model_that_has_run_is_not_saved_or_dequantized(tmp_path: Path) -> None:
    model = get_quantized(str(NANO / 'chat'), wbit=4, dtype='float32').model
    wanted = logits(model).clone()
    if not any(getattr(one.weight.quant_state, 'packing_format_for_cpu', False) for one in layers(model)):
        pytest.skip('needs a GPU or a CPU with AVX512-BF16: on others the order of the weights stays')
    for action in (lambda: model.save_pretrained(tmp_path / 'run'), model.dequantize, model.state_dict):
        with pytest.raises(RuntimeError, match='a 4-bit model that has run on a CPU'):
            action()
    assert not (tmp_path / 'run').exists()
    assert torch.equal(logits(model), wanted)


def test_a_4_bit_model_that_has_not_run_is_saved_right(tmp_path: Path) -> None:
    get_quantized(str(NANO / 'chat'), wbit=4, dtype='float32').model.save_pretrained(tmp_path)
    plain = AutoModelForCausalLM.from_pretrained(NANO / 'chat', dtype='float32')
    saved = AutoModelForCausalLM.from_pretrained(tmp_path, dtype='float32', device_map='cpu')
    assert distance(saved, plain) < 0.2
    with pytest.raises(ValueError, match=r'is quantized already, by bitsandbytes; use infer\.py'):
        get_quantized(str(tmp_path), wbit=4)


def test_a_4_bit_model_that_keeps_its_layout_is_dequantized_right_after_it_has_run() -> None:
    model = get_quantized(str(NANO / 'chat'), wbit=4, dtype='float32', keeps_layout=True).model
    wanted = logits(model)
    quantization.check_layout(model, 'merge it')
    model.dequantize()
    assert kinds(model) == {'Linear': 1 + 42}
    assert torch.allclose(logits(model), wanted, atol=0.05 * float(wanted.abs().max()))


def test_missing_bitsandbytes_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'bitsandbytes', None)
    with pytest.raises(ImportError, match='8 or 4 bit needs bitsandbytes: pip install bitsandbytes accelerate'):
        get_quantized(str(NANO / 'chat'))


def layers(model: Any) -> list[Any]:
    return [module for module in model.modules() if type(module).__name__ == 'Linear4bit']


@pytest.mark.slow
@WIDTHS
def test_script_chats_tells_the_memory_and_answers_as_in_16_bit(wbit: int) -> None:
    question = 'What is the capital of France?'

    def chat(script: str, *given: str) -> str:
        done = subprocess.run(
            [sys.executable, ROOT / script, '--model_path', NANO / 'chat', '--max_input_length', '500', *given]
            + ['--max_generate_length', '500'],
            capture_output=True,
            text=True,
            input=f'{question}\nclear\nexit\n',
        )
        told = [line for line in re.split(r'[\r\n]+', done.stderr) if not line.startswith('Loading weights')]
        assert (done.returncode, ''.join(told)) == (0, ''), done.stderr
        return done.stdout

    found, plain = chat('other_infer/quant_infer.py', '--wbit', str(wbit)), chat('infer.py')
    answer = re.search(r'={100}\n(.*)\n\[time: ', plain, re.S)
    assert answer is not None and len(answer[1]) > 1
    said = re.search(r'={100}\n(.*)\n\[time: [\d.]+ sec, speed: [\d.]+ tok/sec\]\n={100}\n', found, re.S)
    assert said is not None and said[1] == answer[1]
    assert re.search(
        {8: r'weights: 1\.6 MB, 58% of the 2\.8 MB', 4: r'weights: 1\.\d MB, 3\d% of the 2\.8 MB'}[wbit], found
    )
    assert 'session cleared.' in found


def test_script_refuses_other_widths() -> None:
    command = [sys.executable, ROOT / 'other_infer' / 'quant_infer.py', '--model_path', NANO / 'chat', '--wbit', '3']
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, '')
    assert '--wbit: invalid choice: 3 (choose from 8, 4)' in done.stderr
