"""What becomes of a checkpoint: loaded as asked, or refused in one line that names it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from tiny_llama import TEXTS, changed, ids_of, load

from opencompass.models import HuggingFaceCausalLM
from opencompass.utils.failures import message_of

pytestmark = pytest.mark.usefixtures('one_thread')


@pytest.fixture(scope='module')
def model(tiny: Path) -> HuggingFaceCausalLM:
    return load(tiny)


def test_tokenizer_without_padding_token_works(model: HuggingFaceCausalLM, tiny: Path, tmp_path: Path) -> None:
    bare = load(changed(tiny, tmp_path / 'bare', 'tokenizer_config.json', pad_token=None))
    assert bare.get_ppl(TEXTS) == pytest.approx(model.get_ppl(TEXTS), rel=1e-5)
    assert bare.generate(TEXTS, max_out_len=8) == model.generate(TEXTS, max_out_len=8)


@pytest.mark.parametrize('path', ['./no/such/model', '/no/such/model', 'no/such/model'])
def test_missing_model_folder_is_one_line_with_its_path(path: str) -> None:
    with pytest.raises(FileNotFoundError) as error:
        load(Path(path), path=path)
    assert str(error.value).startswith(f'model path {path} does not exist (looked from {Path.cwd()})')
    assert '\n' not in str(error.value)


def test_checkpoint_without_weights_is_one_line_with_its_path(tiny: Path, tmp_path: Path) -> None:
    folder = changed(tiny, tmp_path / 'empty', 'config.json')
    (folder / 'model.safetensors').unlink()
    with pytest.raises(OSError, match='neither a complete checkpoint') as error:
        load(folder)
    assert str(folder) in str(error.value)
    assert '\n' not in str(error.value)


def test_damaged_weights_are_one_line_with_their_path(tiny: Path, tmp_path: Path) -> None:
    folder = changed(tiny, tmp_path / 'damaged', 'config.json')
    weights = folder / 'model.safetensors'
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(OSError) as error:
        load(folder)
    assert str(folder) in message_of(error.value)
    assert '\n' not in message_of(error.value)


def test_checkpoint_too_large_for_memory_is_refused_before_it_is_loaded(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    folder = changed(tiny, tmp_path / 'large', 'config.json', dtype='bfloat16')
    os.truncate(folder / 'model.safetensors', 2**40)  # a hole, no disk space
    with pytest.raises(MemoryError, match=r'large take 2048\.0 GiB as float32 and \d+\.\d GiB of memory are free'):
        load(folder, model_kwargs={})
    with pytest.raises(MemoryError, match=r'large take 1024\.0 GiB as bfloat16 and '):
        load(folder, model_kwargs={'torch_dtype': 'torch.bfloat16'})


def test_adapters_change_the_scores(model: HuggingFaceCausalLM, tiny: Path, tmp_path: Path) -> None:
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    config = peft.LoraConfig(r=4, target_modules=['q_proj', 'v_proj'], init_lora_weights=False, task_type='CAUSAL_LM')
    adapted = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(tiny), config)
    adapted.save_pretrained(tmp_path / 'adapters')
    tuned = load(tiny, peft_path=str(tmp_path / 'adapters'))
    ids = ids_of(model, TEXTS[1])
    with torch.no_grad():
        loss = adapted.eval()(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss.item()
    assert tuned.get_ppl([TEXTS[1]])[0] == pytest.approx(loss * (len(ids) - 1) / len(ids), rel=1e-5)
    assert tuned.get_ppl([TEXTS[1]]) != pytest.approx(model.get_ppl([TEXTS[1]]), rel=1e-3)
    assert len(tuned.generate(TEXTS, max_out_len=4)) == len(TEXTS)


@pytest.mark.parametrize(
    ('asked', 'dtype'),
    [
        ({}, 'float32'),
        ({'torch_dtype': 'bfloat16'}, 'bfloat16'),
        ({'dtype': 'torch.float16'}, 'float16'),
        ({'torch_dtype': 'auto'}, 'float32'),
    ],
)
def test_data_type_is_given_as_text_and_float32_on_a_cpu(tiny: Path, asked: dict, dtype: str) -> None:
    import torch

    if torch.cuda.is_available() and not asked:
        dtype = 'float16'
    assert load(tiny, model_kwargs=asked).model.dtype == getattr(torch, dtype)


def test_unknown_data_type_is_named(tiny: Path) -> None:
    with pytest.raises(ValueError, match="torch_dtype 'float17' is no data type of torch"):
        load(tiny, model_kwargs={'torch_dtype': 'float17'})


@pytest.mark.parametrize('place', ['auto', 'cpu'])
def test_device_map_changes_nothing_on_a_cpu(model: HuggingFaceCausalLM, tiny: Path, place: str) -> None:
    import torch

    placed = load(tiny, model_kwargs={'device_map': place, 'torch_dtype': 'float32'})
    if torch.cuda.is_available() and place == 'auto':
        assert placed.model.device.type == 'cuda'
    else:
        assert placed.get_ppl(TEXTS) == pytest.approx(model.get_ppl(TEXTS), rel=1e-5)


def test_tokenizer_only_loads_no_weights(tiny: Path) -> None:
    counting = load(tiny, tokenizer_only=True)
    assert not hasattr(counting, 'model')
    assert counting.get_token_len(TEXTS[1]) == len(ids_of(counting, TEXTS[1]))


@pytest.mark.parametrize('settings', [None, {}, {'tokenizer_class': 'LlamaTokenizer'}, {'legacy': True}])
def test_llama_tokenizer_without_fast_files_has_the_ids_of_sentencepiece(
    tiny: Path, tmp_path: Path, settings: dict | None
) -> None:
    from sentencepiece import SentencePieceProcessor

    from conftest import TOKENIZER

    folder = shutil.copytree(tiny, tmp_path / 'old')
    (folder / 'tokenizer.json').unlink()
    (folder / 'tokenizer_config.json').unlink()
    if settings is not None:
        (folder / 'tokenizer_config.json').write_text(json.dumps(settings))
    (folder / 'tokenizer.model').write_bytes((TOKENIZER / 'tokenizer.model').read_bytes())
    pieces = SentencePieceProcessor(model_file=str(folder / 'tokenizer.model'))
    tokenizer = load(folder, tokenizer_only=True).tokenizer
    for text in (*TEXTS, '', ' ', '  def f(x):\n    return', ' a', 'a  b ', '\n\n### Instruction:\n问题\n', '▁x', '🐯'):
        assert tokenizer(text, add_special_tokens=False)['input_ids'] == pieces.encode(text), text
        assert tokenizer(text)['input_ids'] == [pieces.bos_id(), *pieces.encode(text)], text
