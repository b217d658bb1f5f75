"""Answers from the prefix tree are those of transformers' own generate, token by token, for fewer tokens forwarded."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_llama import TEXTS, changed, load
from trees import SIZE, arrays, make, nodes

from opencompass.models import HuggingFaceCausalLM
from opencompass.models._trie_decoding import Prompt, decode
from opencompass.models._trie_model import TrieModel
from opencompass.models._trie_plan import Size
from opencompass.utils.requests import Request

pytestmark = pytest.mark.usefixtures('one_thread')
ENDS = {5, 17, 40}


def prompts(count: int, seed: int = 0) -> list[list[int]]:
    """Some share a long beginning, a short one or nothing; one is the beginning of others, two are equal."""
    rng = random.Random(seed)
    stem = [rng.randrange(SIZE) for _ in range(120)]
    made = [
        stem[: rng.choice([0, 40, 120])] + [rng.randrange(SIZE) for _ in range(rng.randrange(1, 40))]
        for _ in range(count - 2)
    ]
    return [*made, made[0], stem[:40]]


def grown(
    model: TrieModel, texts: list[list[int]], rooms: list[int], is_end: Callable[[int, list[int]], bool] | None = None
) -> dict[int, list[int]]:
    asked = [Prompt(text, room) for text, room in zip(arrays(texts), rooms, strict=True)]
    return dict(decode(model, asked, is_end or (lambda _, new: new[-1] in ENDS), set()))


def own(model: Any, texts: list[list[int]], room: int, ends: list[int]) -> list[list[int]]:
    """What transformers generates, in batches of one length."""
    model.generation_config.eos_token_id = ends or None
    found: dict[int, list[int]] = {}
    for length in {len(text) for text in texts}:
        members = [number for number, text in enumerate(texts) if len(text) == length]
        rows = torch.tensor([texts[number] for number in members])
        output = model.generate(
            rows,
            attention_mask=torch.ones_like(rows),
            max_new_tokens=room,
            do_sample=False,
            pad_token_id=0,
        )
        found |= zip(members, output[:, length:].tolist(), strict=True)
    return [found[number] for number in range(len(texts))]


def test_200_prompts_get_the_tokens_of_generate() -> None:
    model, texts, rng = make(), prompts(200), random.Random(1)
    rooms = [rng.choice([1, 7, 16]) for _ in texts]
    made = TrieModel(model)
    made.size = Size(64, 512)
    found = grown(made, texts, rooms)
    assert len(found) == len(texts) == 200
    for number, wanted in enumerate(own(model, texts, 16, sorted(ENDS))):
        ends = [place + 1 for place, token in enumerate(wanted) if token in ENDS]
        assert found[number] == wanted[: min([*ends, rooms[number]])]
    assert {len(one) for one in found.values()} > {1, 7, 16}  # some ended by themselves


@pytest.mark.parametrize('kind', ['gpt2', 'gemma2', 'mistral with windows', 'cohere'])
def test_other_kinds_of_models(kind: str) -> None:
    model, texts = make(kind), prompts(12)
    found = grown(TrieModel(model, is_split=kind != 'cohere'), texts, [12] * 12, lambda *_: False)
    assert [found[number] for number in range(12)] == own(model, texts, 12, ends=[])


def test_tokens_forwarded_are_those_of_the_tree_and_of_unfinished_answers() -> None:
    rng = random.Random(0)
    stem = [rng.randrange(SIZE) for _ in range(600)]
    texts = [stem + [rng.randrange(SIZE) for _ in range(60)] for _ in range(40)]
    made = TrieModel(make(max_position_embeddings=1024))
    found = grown(made, texts, [rng.choice([1, 3, 30]) for _ in texts])
    decoded = sum(len(new) - 1 for new in found.values())
    assert nodes(texts) <= made.forwarded - decoded <= 1.05 * nodes(texts)


def test_columns_of_finished_answers_are_dropped() -> None:
    widths: list[int] = []
    model, texts = make(), prompts(12)
    wanted = grown(TrieModel(model), texts, [2] * 11 + [60])
    made = TrieModel(model)
    forward = made.forward
    made.forward = lambda tokens, depths, seen, cache: (
        widths.append(seen.columns.shape[1] if seen else 0) or forward(tokens, depths, seen, cache)
    )
    assert grown(made, texts, [2] * 11 + [60]) == wanted
    assert max(widths) > 200
    assert widths[-1] < 180


def test_out_of_memory_asks_for_no_finished_answer_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model, texts = make(), prompts(30)
    wanted = grown(TrieModel(model), texts, [10] * 30)
    forward, made = model.model.forward, TrieModel(model)

    def scarce(input_ids: torch.Tensor, past_key_values: Any, **more: Any) -> Any:
        if past_key_values.get_seq_length() + input_ids.shape[1] > 400:
            raise torch.OutOfMemoryError('made up')
        return forward(input_ids=input_ids, past_key_values=past_key_values, **more)

    monkeypatch.setattr(model.model, 'forward', scarce)
    found = list(decode(made, [Prompt(text, 10) for text in arrays(texts)], lambda _, new: new[-1] in ENDS, set()))
    assert made.size.most < 2048
    assert dict(found) == wanted


def test_stream_gives_what_generate_gives(tiny: Path) -> None:
    model = load(tiny)
    texts = [f'{one} {two}' for one in TEXTS for two in TEXTS]
    wanted = model.generate(texts, max_out_len=12)
    requests = [Request(text) for text in texts]
    found = dict(model.generate_stream(requests, 12, 4, set()))
    assert [found[number] for number in range(len(texts))] == wanted
    again = dict(model.generate_stream(requests, 12, 1, set(range(0, len(texts), 2))))
    assert again.items() <= found.items()
    assert again.keys() >= set(range(1, len(texts), 2))


def test_items_have_their_own_lengths_and_stop_at_texts(tiny: Path) -> None:
    model = load(tiny)
    whole = model.generate([TEXTS[1]], max_out_len=20)[0]
    end = whole[len(whole) // 2 : len(whole) // 2 + 2]
    made = model._trie
    made.forwarded = 0
    requests = [Request(TEXTS[1], max_out_len=3), Request(TEXTS[1]), Request(TEXTS[1], stop=('no such text', end))]
    found = dict(model.generate_stream(requests, 20, 1, set()))
    assert found[0] == model.generate([TEXTS[1]], max_out_len=3)[0]
    assert found[1] == whole
    assert whole.startswith(found[2])
    assert end in found[2]
    assert len(found[2]) < len(whole)
    assert made.forwarded < len(model.tokenizer(TEXTS[1])['input_ids']) + 3 + 20 + 20


def test_config_says_how_many_tokens_a_step_has(tiny: Path) -> None:
    model = load(tiny, tokens_per_step=50)
    assert model._trie.size.most == 50
    assert load(tiny)._trie.size.most == 2048


@pytest.mark.parametrize('kwargs', [{'do_sample': True}, {'num_beams': 2}, {'repetition_penalty': 1.3}])
def test_what_is_not_greedy_is_left_to_transformers(tiny: Path, kwargs: dict[str, Any]) -> None:
    model = load(tiny, generation_kwargs=kwargs)
    found = dict(model.generate_stream([Request(text) for text in TEXTS], 6, 2, set()))
    alone = [model.generate([text], max_out_len=6)[0] for text in TEXTS]
    assert [found[number] for number in range(len(TEXTS))] == alone
    assert '_trie' not in model.__dict__


def test_texts_beyond_the_length_of_dynamic_rope_are_taken_alone(tiny: Path, tmp_path: Path) -> None:
    """There the frequencies depend on the longest text of a batch."""
    rope = {'rope_type': 'dynamic', 'factor': 2.0, 'rope_theta': 10000.0}
    folder = changed(tiny, tmp_path / 'dynamic', 'config.json', rope_parameters=rope, max_position_embeddings=24)
    model: HuggingFaceCausalLM = load(folder)
    assert model._trie is not None
    texts = [*TEXTS, TEXTS[3][:-1], 'x ' * 60]
    assert sorted(len(one) > 24 for one in model.tokenizer(texts)['input_ids']) == [False] * 4 + [True] * 3
    requests = [Request(text) for text in texts]
    alone = [load(folder).get_ppl([text])[0] for text in texts]
    found = dict(model.score(requests, 8, set()))
    assert [found[number] for number in range(len(texts))] == pytest.approx(alone, rel=1e-4)
    assert model.get_ppl(texts[::-1])[::-1] == pytest.approx(alone, rel=1e-4)
    assert len(dict(model.generate_stream(requests, 4, 1, set()))) == len(texts)
