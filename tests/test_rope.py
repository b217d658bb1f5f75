"""Rotary embeddings stretched for long texts: by the papers' formulas, in every rotary architecture."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, Gemma3TextConfig, GPT2Config, LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from utils.modeling_hack import rope_parameters, scaled

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
ARCHITECTURES = ['llama', 'gpt_neox', 'qwen2', 'mistral']
TRAINED, FACTOR = 64, 4.0
CLOSE = {'rtol': 1e-5, 'atol': 1e-7}


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def config_of(architecture: str) -> Any:
    """A tiny config of an architecture, with a base of its own."""
    sizes = {'hidden_size': 64, 'intermediate_size': 64, 'num_hidden_layers': 1, 'num_attention_heads': 2}
    more = {'num_key_value_heads': 2, 'rope_parameters': {'rope_theta': 5000.0, 'rope_type': 'default'}}
    neox = {'rope_parameters': {'rope_theta': 5000.0, 'rope_type': 'default', 'partial_rotary_factor': 0.5}}
    more = neox if architecture == 'gpt_neox' else more
    return AutoConfig.for_model(architecture, vocab_size=32, max_position_embeddings=TRAINED, **sizes, **more)


def rotary(config: Any) -> Any:
    model = AutoModelForCausalLM.from_config(config)
    return next(part for name, part in model.named_modules() if name.endswith('rotary_emb'))


def plain(dim: int, base: float) -> list[float]:
    return [base ** (-2 * pair / dim) for pair in range(dim // 2)]


def yarn(dim: int, base: float, trained: int, factor: float) -> list[float]:
    """YaRN (https://arxiv.org/abs/2309.00071), NTK by parts.

    A dimension that turns more than 32 times within the trained length keeps its frequency, one that turns less than
    once is slowed down by the factor; between them the share rises evenly with the number of the dimension, as in the
    authors' code.
    """

    def dimension(turns: float) -> float:
        return dim * math.log(trained / (turns * 2 * math.pi)) / (2 * math.log(base))

    low, high = max(math.floor(dimension(32)), 0), min(math.ceil(dimension(1)), dim - 1)
    slowed = [min(max((pair - low) / (high - low), 0), 1) for pair in range(dim // 2)]
    return [one * (1 - share) + one / factor * share for one, share in zip(plain(dim, base), slowed, strict=True)]


def dynamic(dim: int, base: float, trained: int, factor: float, length: int) -> list[float]:
    """Dynamic NTK: the base grows with the text, so that the slowest dimension just covers it."""
    grown = factor * max(length, trained) / trained - (factor - 1)
    return plain(dim, base * grown ** (dim / (dim - 2)))


@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_yarn_has_the_frequencies_and_the_magnitude_of_its_paper(architecture: str) -> None:
    dim = 16 if architecture == 'gpt_neox' else 32
    made = rotary(scaled(config_of(architecture), 'yarn', FACTOR))
    frequencies = torch.tensor(yarn(dim, 5000.0, TRAINED, FACTOR))
    assert [plain(dim, 5000.0)[place] == frequencies[place].item() for place in (0, -1)] == [True, False]
    torch.testing.assert_close(made.inv_freq, frequencies, **CLOSE)
    places = torch.tensor([[0, 1, 63, 64, 255]])
    cos, sin = made(torch.zeros(1), places)
    angles = places[0, :, None] * frequencies.repeat(2)
    magnitude = 0.1 * math.log(FACTOR) + 1
    torch.testing.assert_close(cos[0], magnitude * angles.cos(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(sin[0], magnitude * angles.sin(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_dynamic_grows_with_the_text_and_comes_back(architecture: str) -> None:
    dim = 16 if architecture == 'gpt_neox' else 32
    made = rotary(scaled(config_of(architecture), 'dynamic', FACTOR))
    for length in (10, TRAINED, 65, 200, 256, 12):
        made(torch.zeros(1), torch.arange(length)[None])
        frequencies = torch.tensor(dynamic(dim, 5000.0, TRAINED, FACTOR, length))
        torch.testing.assert_close(made.inv_freq, frequencies, **CLOSE)


def test_longest_text_is_known_to_the_config() -> None:
    lengths = {
        kind: scaled(config_of('llama'), kind, 4).max_position_embeddings for kind in ('yarn', 'dynamic', 'linear')
    }
    # The formula of dynamic NTK needs the trained length there.
    assert lengths == {'yarn': 256, 'dynamic': 64, 'linear': 256}


def test_scaling_that_a_config_has_is_replaced_and_starts_from_the_trained_length() -> None:
    config = scaled(config_of('llama'), 'yarn', 4)
    again = rope_parameters(config, 'yarn', 2)
    assert again == {
        'rope_theta': 5000.0,
        'rope_type': 'yarn',
        'factor': 2.0,
        'beta_fast': 32.0,
        'beta_slow': 1.0,
        'original_max_position_embeddings': 64,
    }
    assert scaled(config, 'dynamic', 2).max_position_embeddings == 64


def test_layers_that_look_through_a_window_are_left_as_they_are() -> None:
    config = Gemma3TextConfig(num_hidden_layers=6, max_position_embeddings=1024)
    before = json.loads(json.dumps(config.rope_parameters))
    made = rope_parameters(config, 'yarn', 4)
    assert made['sliding_attention'] == before['sliding_attention']
    theta = before['full_attention']['rope_theta']
    assert {'rope_theta': theta, 'rope_type': 'yarn', 'factor': 4.0}.items() <= made['full_attention'].items()


def test_what_cannot_be_scaled_is_named() -> None:
    with pytest.raises(ValueError, match="one of yarn, dynamic, linear, not 'ntk'"):
        rope_parameters(config_of('llama'), 'ntk', 4)
    for factor in (0, -1.0, None, float('nan')):
        with pytest.raises(ValueError, match='rope_factor is a number above 0'):
            rope_parameters(config_of('llama'), 'yarn', factor)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='gpt2 has none'):
        rope_parameters(GPT2Config(), 'yarn', 4)


def test_recorded_tables_are_reproduced() -> None:
    """All but the toolkit's own yarn, which turned angles by the magnitude and was off below the trained length."""
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    cases = [one for one in cases if one['kind'] == 'rope' and not {'calls', 'dtype'} & one.keys()]
    own_yarn = [one for one in cases if one['implementation'] == 'toolkit' and one['type'] == 'yarn']
    for case in own_yarn:
        if case['seq_len'] > case['max_position_embeddings']:
            torch.testing.assert_close(
                recomputed(case)[0].inv_freq, torch.tensor(case['expected']['inv_freq']), **CLOSE
            )
    others = [one for one in cases if one not in own_yarn]
    for case in others:
        made, cos, sin = recomputed(case)
        half = case['dim'] // 2
        rows = case['expected']['rows']
        if case['type'] != 'linear':  # the toolkit divided the positions there, which is the same
            torch.testing.assert_close(made.inv_freq, torch.tensor(case['expected']['inv_freq']), **CLOSE)
        for table, name in ((cos, 'cos_first_half'), (sin, 'sin_first_half')):
            if name in case['expected']:
                expected = torch.tensor(case['expected'][name])
                torch.testing.assert_close(
                    table[rows, :half], expected, rtol=1e-3, atol=3e-3 if case['seq_len'] > 999 else 1e-5
                )
    assert (len(own_yarn), len(others)) == (26, 78)


def recomputed(case: dict) -> tuple[Any, torch.Tensor, torch.Tensor]:
    """Our module for a recorded case, and its tables of cosines and sines."""
    config = LlamaConfig(
        hidden_size=case['dim'],
        num_attention_heads=1,
        head_dim=case['dim'],
        max_position_embeddings=case['max_position_embeddings'],
        rope_parameters={'rope_theta': case['base'], 'rope_type': 'default'},
    )
    if case['type'] not in ('none', 'default'):
        config = scaled(config, case['type'], case['factor'])
    made = LlamaRotaryEmbedding(config)
    cos, sin = made(torch.zeros(1), torch.arange(case['seq_len'])[None])
    return made, cos[0], sin[0]
