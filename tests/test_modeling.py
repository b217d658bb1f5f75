"""Checkpoints old and new become a model, a tokenizer and generation settings, or are refused in one line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer, GenerationConfig, LlamaConfig

from utils.modeling_hack import best_dtype, get_model, load_tokenizer

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
TEXTS = ['', ' ', 'a', ' a', 'a  b ', '  def f(x):\n    return', '\n\n### Instruction:\n问题\n', '▁x', '🐯', '1 + 2']


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def copied(folder: Path, without: tuple[str, ...] = (), **changes: dict) -> Path:
    """A copy of the embedded checkpoint; `changes` are JSON files by stem with keys to set, or to drop where None."""
    shutil.copytree(NANO, folder)
    for name in without:
        (folder / name).unlink()
    for stem, change in changes.items():
        file = folder / f'{stem}.json'
        content = json.loads(file.read_text('utf-8')) | change
        file.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return folder


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.tensor([[1, 300, 400, 500]])).logits.float()


def test_model_tokenizer_and_settings_of_a_checkpoint() -> None:
    model, tokenizer, settings = get_model(str(NANO))
    assert (type(model).__name__, model.training) == ('LlamaForCausalLM', False)
    assert (settings.eos_token_id, settings.max_new_tokens, settings.do_sample) == (2, 64, False)
    assert tokenizer('a')['input_ids'] == [1, 326]


def test_data_type_is_what_the_device_computes_by_itself(tmp_path: Path) -> None:
    own = LlamaConfig.from_pretrained(NANO)
    if torch.cuda.is_available():
        best = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    else:
        best = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
    assert get_model(str(NANO)).model.dtype == best_dtype(own) == best
    assert get_model(str(NANO), dtype='float16').model.dtype == torch.float16
    if not torch.cuda.is_available():
        own.dtype = torch.float16
        assert best_dtype(own) == torch.float32
    with pytest.raises(ValueError, match="dtype is 'float32', 'bfloat16' or 'float16', not 'float17'"):
        get_model(str(NANO), dtype='float17')


OLD_TOKEN = {'__type': 'AddedToken', 'lstrip': False, 'normalized': True, 'rstrip': False, 'single_word': False}
OLD_SETTINGS = {
    'nothing': None,
    'class alone': {'tokenizer_class': 'LlamaTokenizer'},
    'of transformers 4': {
        'tokenizer_class': 'LlamaTokenizer',
        'add_bos_token': True,
        'add_eos_token': False,
        'bos_token': OLD_TOKEN | {'content': '<s>'},
        'eos_token': OLD_TOKEN | {'content': '</s>'},
        'unk_token': OLD_TOKEN | {'content': '<unk>'},
        'pad_token': None,
        'sp_model_kwargs': {},
        'clean_up_tokenization_spaces': False,
        'model_max_length': 1000000000000000019884624838656,
    },
    'legacy': {'tokenizer_class': 'LlamaTokenizer', 'add_bos_token': True, 'legacy': True},
}


@pytest.mark.parametrize('kind', OLD_SETTINGS)
def test_tokenizer_model_alone_gives_the_ids_of_sentencepiece(tmp_path: Path, kind: str) -> None:
    from sentencepiece import SentencePieceProcessor

    folder = copied(tmp_path / 'old', without=('tokenizer.json', 'tokenizer_config.json'))
    if OLD_SETTINGS[kind] is not None:
        (folder / 'tokenizer_config.json').write_text(json.dumps(OLD_SETTINGS[kind]))
    pieces = SentencePieceProcessor(model_file=str(folder / 'tokenizer.model'))
    tokenizer = load_tokenizer(str(folder))
    for text in TEXTS:
        assert tokenizer(text)['input_ids'] == [1, *pieces.encode(text)], text
        assert tokenizer.decode(pieces.encode(text)) == pieces.decode(pieces.encode(text)), text
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id) == (1, 2, 2)


def test_tokenizer_that_wants_no_bos_gets_none(tmp_path: Path) -> None:
    folder = copied(tmp_path / 'old', without=('tokenizer.json',), tokenizer_config={'add_bos_token': False})
    settings = {'tokenizer_class': 'LlamaTokenizer', 'add_bos_token': False}
    (folder / 'tokenizer_config.json').write_text(json.dumps(settings))
    assert load_tokenizer(str(folder))('a')['input_ids'] == [326]


def test_tokenizer_with_its_own_padding_keeps_it() -> None:
    assert load_tokenizer(str(NANO)).pad_token == AutoTokenizer.from_pretrained(NANO).pad_token == '<unk>'


def test_old_checkpoint_gives_the_logits_of_the_new_one(tmp_path: Path) -> None:
    """pytorch_model.bin, and a config.json of transformers 4."""
    from safetensors.torch import load_file

    folder = copied(
        tmp_path / 'old',
        without=('generation_config.json',),
        config={
            'rope_parameters': None,
            'dtype': None,
            'torch_dtype': 'bfloat16',
            'rope_theta': 10000.0,
            'rope_scaling': None,
            'transformers_version': '4.31.0',
        },
    )
    torch.save(load_file(folder / 'model.safetensors'), folder / 'pytorch_model.bin')
    (folder / 'model.safetensors').unlink()
    new, old = get_model(str(NANO), dtype='float32'), get_model(str(folder), dtype='float32')
    assert torch.equal(logits(old.model), logits(new.model))


@pytest.mark.parametrize('kind', ['linear', 'dynamic', 'yarn'])
def test_rope_scaling_of_an_old_config_is_that_of_a_flag(tmp_path: Path, kind: str) -> None:
    old = {'rope_parameters': None, 'rope_theta': 10000.0, 'rope_scaling': {'type': kind, 'factor': 4.0}}
    written = get_model(str(copied(tmp_path / 'old', config=old)), dtype='float32').model
    asked = get_model(str(NANO), kind, 4.0, dtype='float32').model
    assert torch.equal(logits(written), logits(asked))
    plain = logits(get_model(str(NANO), dtype='float32').model)
    # Dynamic NTK changes nothing within the trained length.
    assert torch.equal(logits(asked), plain) == (kind == 'dynamic')


def test_missing_generation_config_is_made_from_the_config_and_the_tokenizer(tmp_path: Path) -> None:
    folder = copied(tmp_path / 'old', ('generation_config.json',), config={'eos_token_id': None, 'pad_token_id': None})
    settings = get_model(str(folder)).generation_config
    assert isinstance(settings, GenerationConfig)
    assert (settings.bos_token_id, settings.eos_token_id, settings.pad_token_id) == (1, 2, 0)


def test_recorded_loading_is_reproduced() -> None:
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    cases = [one for one in cases if one['kind'] == 'get_model' and one['rope_factor'] is not None]
    folder = str(CONFORMANCE / 'models' / 'tiny-llama')
    for case in cases:
        asked = (folder, case['rope_scaling'], case['rope_factor'])
        if 'raises' in case:
            with pytest.raises(ValueError):
                get_model(*asked)
            continue
        model, tokenizer, settings = get_model(*asked)
        expected = case['expected']
        rope = model.config.rope_parameters
        found = None if rope['rope_type'] == 'default' else {'type': rope['rope_type'], 'factor': rope['factor']}
        assert found == expected['rope_scaling']
        sides = (tokenizer.padding_side, tokenizer.truncation_side, tokenizer('a')['input_ids'][0])
        assert sides == (expected['padding_side'], expected['truncation_side'], 1)
        assert settings.eos_token_id == expected['generation']['eos_token_id']
        assert bool(settings.do_sample) == expected['generation']['do_sample']
    assert len(cases) == 15


@pytest.mark.parametrize('path', ['./no/such/model', '/no/such/model', 'no/such/model'])
def test_missing_folder_is_one_line_with_its_path(path: str) -> None:
    with pytest.raises(FileNotFoundError) as error:
        get_model(path)
    assert str(error.value).startswith(f'model path {path} does not exist (looked from {Path.cwd()})')
    assert '\n' not in str(error.value)


def test_hub_name_out_of_reach_is_one_line_with_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    with pytest.raises(OSError, match='model nobody/none: no folder, and no model that the hub gives') as error:
        get_model('nobody/none')
    assert '\n' not in str(error.value)


@pytest.mark.slow
def test_hub_name_is_read_from_the_cache_and_its_tokenizer_mended_too(tmp_path: Path) -> None:
    repository = tmp_path / 'models--some--tiger'
    copied(repository / 'snapshots' / 'abc', without=('tokenizer.json', 'tokenizer_config.json'))
    (repository / 'refs').mkdir()
    (repository / 'refs' / 'main').write_text('abc')
    script = "from utils.modeling_hack import get_model; print(get_model('some/tiger').tokenizer(' a')['input_ids'])"
    env = os.environ | {'HF_HUB_CACHE': str(tmp_path), 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1'}
    done = subprocess.run(
        [sys.executable, '-c', script], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )
    ids = AutoTokenizer.from_pretrained(NANO)(' a')['input_ids']
    assert (done.returncode, done.stdout) == (0, f'{ids}\n'), done.stderr


def test_checkpoint_without_weights_or_with_damaged_ones_is_one_line(tmp_path: Path) -> None:
    folder = copied(tmp_path / 'empty', without=('model.safetensors',))
    with pytest.raises(OSError, match=f'no complete checkpoint at {folder}') as error:
        get_model(str(folder))
    assert '\n' not in str(error.value)
    (folder / 'model.safetensors').write_bytes((NANO / 'model.safetensors').read_bytes()[:5000])
    with pytest.raises(OSError, match=f'a file of its weights in {folder} is damaged'):
        get_model(str(folder))


def test_weights_by_other_names_are_refused_not_replaced_by_random_ones(tmp_path: Path) -> None:
    folder = copied(tmp_path / 'other', without=('model.safetensors',))
    torch.save({'something.else': torch.zeros(2)}, folder / 'pytorch_model.bin')
    with pytest.raises(OSError, match='have no weights for 56 parts'):
        get_model(str(folder))
