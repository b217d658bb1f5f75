"""Scores from the prefix tree are those of each text alone, for every kind of model, or the plain path is taken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import remote_code
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from tiny_llama import TEXTS, load
from transformers import LlamaConfig
from trees import KINDS, SIZE, alone, arrays, forest, make, nodes

from opencompass.models._trie_model import TrieModel, on_gpu
from opencompass.models._trie_plan import Size
from opencompass.models._trie_scoring import Query, agreeing, answer
from opencompass.utils.logging import get_logger
from opencompass.utils.requests import Request

pytestmark = pytest.mark.usefixtures('one_thread')


def scores(model: Any, texts: list[list[int]], most: int = 1024, masks: list[int] | None = None) -> list[float]:
    made = TrieModel(model)
    made.size = Size(max(most // 4, 2), most)
    pairs = zip(arrays(texts), masks or [0] * len(texts), strict=True)
    found = dict(answer(made, [Query(*pair) for pair in pairs], set()))
    return [found.get(number, 0.0) for number in range(len(texts))]


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_of_model_scores_as_each_text_alone(kind: str) -> None:
    model, texts = make(kind), forest(1)
    with torch.inference_mode():
        made = agreeing(model, lambda ids: model(torch.tensor(ids)).logits, tokens_per_step=70)
    assert made is not None
    assert made.is_split == (kind != 'cohere')  # which scales the logits after its head
    found = dict(answer(made, [Query(text) for text in arrays(texts)], set()))
    assert len(found) == sum(map(bool, texts)) > 70
    for number, text in enumerate(texts):
        assert found.get(number, 0.0) == pytest.approx(alone(model, text), rel=1e-4, abs=1e-4)
    assert nodes(texts) <= made.forwarded < 1.2 * nodes(texts)  # steps are tiny here


@given(
    texts=st.lists(st.lists(st.integers(0, 3), max_size=30), max_size=8),
    most=st.integers(2, 60),
    seed=st.integers(0, 9),
    heads=st.sampled_from([(4, 1), (4, 2), (4, 4)]),
    data=st.data(),
)
@settings(max_examples=30, deadline=None)
def test_random_forests_on_random_models(
    texts: list[list[int]], most: int, seed: int, heads: tuple[int, int], data: st.DataObject
) -> None:
    model = make(seed=seed, num_attention_heads=heads[0], num_key_value_heads=heads[1])
    masks = [data.draw(st.integers(0, len(text) + 2)) for text in texts]
    for found, text, mask in zip(scores(model, texts, most, masks), texts, masks, strict=True):
        assert found == pytest.approx(alone(model, text, mask), rel=1e-4, abs=1e-5)


def test_order_and_neighbours_do_not_matter() -> None:
    model, texts = make(), forest(2)
    whole = scores(model, texts)
    assert scores(model, texts[::-1])[::-1] == pytest.approx(whole, rel=1e-4)
    assert scores(model, texts[::7]) == pytest.approx(whole[::7], rel=1e-4)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_is_as_good_as_the_plain_path(dtype: torch.dtype) -> None:
    model, texts = make(dtype=dtype), forest(3)
    for found, text in zip(scores(model, texts), texts, strict=True):
        assert found == pytest.approx(alone(model, text), rel=1e-2, abs=1e-2)


def test_choices_are_the_logits_after_the_last_token() -> None:
    model, texts = make(), forest(3)
    made = TrieModel(model)
    made.size = Size(64, 128)
    found = dict(answer(made, [Query(text, 0, (3, 99)) for text in arrays(texts)], set()))
    assert len(found) == sum(map(bool, texts))
    for number, text in enumerate(texts):
        if text:
            with torch.no_grad():
                logits = model(torch.tensor([text])).logits[0, -1, [3, 99]].tolist()
            assert found[number] == pytest.approx(logits, abs=1e-4)


def test_logits_are_computed_only_where_they_are_asked_for() -> None:
    model = make()
    rows: list[int] = []
    model.lm_head.register_forward_hook(lambda layer, given, output: rows.append(len(output)))
    texts = [[7] * 50 + [question] * 5 for question in range(10)]
    scores(model, texts, masks=[51] * 10)
    # Of each question what predicts its last four tokens; 50 tokens before them are seen and not asked about.
    assert sum(rows) == 10 * 4
    rows.clear()
    made = TrieModel(model)
    made.at_once = 16
    dict(answer(made, [Query(text) for text in arrays(texts)], set()))
    assert max(rows) <= 16
    assert sum(rows) <= 50 + 10 * 4 + 5  # a chunk may begin in the middle of a token's children


def test_resumed_scores_have_the_same_bits() -> None:
    model, queries = make(), [Query(text) for text in arrays(forest(4, 40))]
    made = TrieModel(model)
    made.size = Size(32, 64)
    whole = list(answer(made, queries, set()))
    for kept in (1, 17, 90, len(whole) - 2):
        again = dict(whole[:kept]) | dict(answer(made, queries, {number for number, _ in whole[:kept]}))
        assert again == dict(whole)


@pytest.mark.parametrize(
    'error', [torch.OutOfMemoryError('made up'), RuntimeError("DefaultCPUAllocator: can't allocate memory: made up")]
)
def test_out_of_memory_goes_on_with_smaller_steps_and_asks_nothing_twice(
    error: RuntimeError, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, texts = make(), forest(5)
    wanted = scores(model, texts)
    made = TrieModel(model)
    forward = model.model.forward

    def scarce(input_ids: torch.Tensor, **more: object) -> object:
        if input_ids.shape[1] > 100:
            raise error
        return forward(input_ids=input_ids, **more)

    monkeypatch.setattr(model.model, 'forward', scarce)
    usual = made.size
    found = list(answer(made, [Query(text) for text in arrays(texts)], set()))
    assert made.size < usual
    assert len(found) == len({number for number, _ in found}) == sum(map(bool, texts))
    assert [dict(found).get(number, 0.0) for number in range(len(texts))] == pytest.approx(wanted, rel=1e-4, abs=1e-4)


def test_bug_in_a_model_is_no_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()

    def broken(**_: object) -> object:
        raise RuntimeError('shapes do not match')

    monkeypatch.setattr(model.model, 'forward', broken)
    with pytest.raises(RuntimeError, match='shapes do not match'):
        dict(answer(TrieModel(model), [Query(text) for text in arrays([[1, 2]])], set()))


def test_model_that_ignores_the_mask_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()
    forward = model.model.forward

    def plain(ids: list[list[int]]) -> torch.Tensor:
        return model.lm_head(forward(input_ids=torch.tensor(ids)).last_hidden_state)

    with torch.no_grad():
        assert agreeing(model, plain) is not None
        monkeypatch.setattr(model.model, 'forward', lambda attention_mask=None, **more: forward(**more))
        assert agreeing(model, plain) is None


def test_models_that_look_at_distances_in_the_row_are_found_out() -> None:
    from transformers import BloomConfig, BloomForCausalLM, MptConfig, MptForCausalLM

    bloom = BloomForCausalLM(BloomConfig(vocab_size=SIZE, hidden_size=32, n_layer=2, n_head=4)).eval()
    mpt = MptForCausalLM(MptConfig(vocab_size=SIZE, d_model=32, n_layers=2, n_heads=4, max_seq_len=512)).eval()
    for model in (bloom, mpt):
        with torch.no_grad():
            assert agreeing(model, lambda ids, model=model: model(torch.tensor(ids)).logits) is None


@pytest.mark.parametrize(('gib', 'longest', 'most'), [(60, 2048, 4096), (5, 4096, 256), (5, 2048, 1024), (1, 2048, 64)])
def test_steps_on_a_gpu_are_as_large_as_its_free_memory_allows(
    gib: int, longest: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Llama of 7B in half precision: what it caches of a text of 2,048 tokens takes 1 GiB."""
    monkeypatch.setattr(torch.cuda, 'mem_get_info', lambda device: (gib * 2**30, 80 * 2**30))
    model = SimpleNamespace(dtype=torch.float16, device='cuda:0')
    assert on_gpu(model, LlamaConfig(max_position_embeddings=131072), longest).most == most


def test_rows_are_planned_from_all_vocabulary() -> None:
    small, large = TrieModel(make()), TrieModel(make('llama of 64k words'), is_split=False)
    assert small.at_once * SIZE <= 2**23
    assert large.at_once * 65536 <= 2**23
    assert large.size.most < small.size.most  # all logits of a step are in memory at once there
    assert TrieModel(make(), tokens_per_step=100).size == Size(100, 100)


def test_code_that_comes_with_a_model_is_scored_plainly(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny, tmp_path / 'model', ignore=shutil.ignore_patterns('*.safetensors', 'generation_config.json'))
    shutil.copy(Path(__file__).with_name('remote_code.py'), tmp_path / 'model' / 'modeling_old.py')
    names = {'AutoConfig': 'modeling_old.OldConfig', 'AutoModelForCausalLM': 'modeling_old.OldModel'}
    size = json.loads((tiny / 'config.json').read_text())['vocab_size']
    config = {'model_type': 'old', 'architectures': ['OldModel'], 'auto_map': names, 'vocab_size': size}
    (tmp_path / 'model' / 'config.json').write_text(json.dumps(config))
    monkeypatch.setenv('HF_MODULES_CACHE', str(tmp_path / 'code'))
    torch.manual_seed(0)
    made = remote_code.OldModel(remote_code.OldConfig(vocab_size=size))
    save_file(made.state_dict(), tmp_path / 'model' / 'model.safetensors', {'format': 'pt'})
    model = load(
        tmp_path / 'model', model_kwargs={'trust_remote_code': True}, tokenizer_kwargs={'trust_remote_code': True}
    )
    warned: list[str] = []
    monkeypatch.setattr(get_logger(), 'warning', warned.append)
    texts = [*TEXTS, TEXTS[1] + '!']
    found = dict(model.score([Request(text) for text in texts], 2, {0}))
    assert len(warned) == 1
    assert 'every text is forwarded on its own' in warned[0]
    assert found.keys() >= set(range(1, len(texts)))
    for number, score in found.items():
        ids = model.tokenizer(texts[number])['input_ids']
        assert score == pytest.approx(-alone(model.model, ids) / len(ids), rel=1e-4)
