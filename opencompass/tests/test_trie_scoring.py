"""Scores from the prefix tree are those of each text on its own, for as few tokens as the tree has."""

from __future__ import annotations

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from opencompass.models._trie_plan import plan
from opencompass.models._trie_scoring import Query, TrieScorer

SIZE = 120
TEXTS = st.lists(st.lists(st.integers(0, 2), max_size=24), max_size=16)


def llama() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=SIZE,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    return LlamaForCausalLM(config).eval()


def gpt2() -> GPT2LMHeadModel:
    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(vocab_size=SIZE, n_embd=32, n_layer=2, n_head=4, n_positions=256)).eval()


def forest(seed: int, questions: int = 12) -> list[list[int]]:
    """Texts as few-shot questions make them: long common beginnings, a question, some endings; a few odd ones."""
    rng = random.Random(seed)
    stems = [[rng.randrange(SIZE) for _ in range(length)] for length in (0, 3, 60)]
    texts = [[5], [5, 5]]
    for _ in range(questions):
        question = rng.choice(stems) + [rng.randrange(4) for _ in range(rng.randrange(30))]
        texts += [question + [100 + label] + [7] * (label % 2) for label in range(4)]
        texts.append(question or [9])
    return texts


def plain(model: torch.nn.Module, text: list[int], mask: int = 0) -> float:
    with torch.no_grad():
        gains = model(torch.tensor([text])).logits[0, :-1].log_softmax(-1).gather(-1, torch.tensor(text[1:])[:, None])
    return gains[max(mask - 1, 0) :].sum().item()


@given(texts=TEXTS, budget=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_plan_walks_every_text_and_no_token_much_more_than_once(texts: list[list[int]], budget: int) -> None:
    steps = plan(texts, budget)
    cached: list[int] = []
    seen = {}
    for step in steps:
        assert step.start <= len(cached)
        paths: list[list[int]] = []
        for token, parent in zip(step.tokens, step.parents, strict=True):
            paths.append((paths[parent] if parent >= 0 else cached[: step.start]) + [token])
        seen |= {text: paths[place] for text, place in step.ends}
        cached = paths[-1] if step.keep else cached[: step.start]
    assert seen == {number: text for number, text in enumerate(texts) if text}


def test_tokens_forwarded_are_those_of_the_tree_but_for_a_few() -> None:
    stems = [[subject] * 10 + [50 + subject] * 290 for subject in range(4)]
    texts = [[*stem, *[question] * 40, label] for stem in stems for question in range(30) for label in range(100, 104)]
    nodes = len({tuple(text[:length]) for text in texts for length in range(1, len(text) + 1)})
    forwarded = sum(len(step.tokens) for step in plan(texts, 1024))
    assert nodes <= forwarded <= 1.02 * nodes
    assert sum(map(len, texts)) > 25 * nodes


@pytest.mark.parametrize('make', [llama, gpt2])
@pytest.mark.parametrize('budget', [16, 70, 1024])
def test_log_likelihoods_are_those_of_each_text_alone(make, budget: int) -> None:
    model = make()
    scorer = TrieScorer(model)
    scorer.budget = budget
    texts = forest(budget)
    rng = random.Random(1)
    masks = [rng.choice([0, rng.randrange(len(text) + 1)]) for text in texts]
    found = dict(scorer.answer([Query(text, mask) for text, mask in zip(texts, masks, strict=True)], set()))
    assert len(found) == len(texts) > 60
    for number, (text, mask) in enumerate(zip(texts, masks, strict=True)):
        assert found[number] == pytest.approx(plain(model, text, mask), rel=1e-4, abs=1e-4)


def test_choices_are_the_logits_after_the_last_token() -> None:
    model, texts = llama(), forest(3)
    found = dict(TrieScorer(model).answer([Query(text, 0, (3, 99)) for text in texts], set()))
    for number, text in enumerate(texts):
        with torch.no_grad():
            assert found[number] == pytest.approx(model(torch.tensor([text])).logits[0, -1, [3, 99]].tolist(), abs=1e-4)


def test_resumed_scores_have_the_same_bits() -> None:
    model, queries = llama(), [Query(text) for text in forest(4, 40)]
    scorer = TrieScorer(model)
    scorer.budget = 64
    whole = list(scorer.answer(queries, set()))
    for kept in (1, 17, 90, len(whole) - 2):
        again = dict(whole[:kept]) | dict(scorer.answer(queries, {number for number, _ in whole[:kept]}))
        assert again == dict(whole)


def test_out_of_memory_goes_on_with_smaller_steps_and_asks_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    model, texts = llama(), forest(5)
    whole = TrieScorer(model)
    wanted = dict(whole.answer([Query(text) for text in texts], set()))
    forward = model.forward

    def scarce(input_ids: torch.Tensor, **more: object) -> object:
        if input_ids.shape[1] > 100:
            raise torch.OutOfMemoryError('made up')
        return forward(input_ids=input_ids, **more)

    monkeypatch.setattr(model, 'forward', scarce)
    scorer = TrieScorer(model)
    found = list(scorer.answer([Query(text) for text in texts], set()))
    assert len(found) == len(texts)
    assert scorer.budget < whole.budget
    assert dict(found) == pytest.approx(wanted, rel=1e-4, abs=1e-4)


def test_model_that_ignores_the_mask_is_found_out() -> None:
    model = llama()
    logits = model(torch.tensor([[1, 2]])).logits.shape[-1]
    assert logits == SIZE

    def plain_logits(ids: list[list[int]]) -> torch.Tensor:
        return forward(input_ids=torch.tensor(ids)).logits

    forward = model.forward
    with torch.no_grad():
        assert TrieScorer(model).agrees(plain_logits)
        model.forward = lambda attention_mask=None, **more: forward(**more)
        assert not TrieScorer(model).agrees(plain_logits)
