"""The steps of a prefix tree hold every text, and no token much more than once. Nothing here needs torch."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencompass.models._trie_plan import Size, Step, plan

TEXTS = st.lists(st.lists(st.integers(0, 2), max_size=24), max_size=16)


def walk(steps: list[Step]) -> dict[int, list[int]]:
    """The texts that the steps hold, read as a model would."""
    cached: list[int] = []
    seen: dict[int, list[int]] = {}
    for step in steps:
        assert step.cached <= len(cached)
        assert step.start == max(step.cached - (not step.keep), 0)
        own: list[list[int]] = []
        for token, parent in zip(step.tokens.tolist(), step.parents.tolist(), strict=True):
            own.append((own[parent] if parent >= 0 else cached[: step.start]) + [token])
        for text, path in step.paths:
            seen[text] = own[path[-1]]
            assert (np.diff([-1, *path.tolist()]) > 0).all()
        assert [len(one) - 1 for one in own] == step.depths.tolist()
        for place, end in enumerate(step.until.tolist()):
            inside = [other for other in range(len(own)) if own[other][: len(own[place])] == own[place]]
            assert set(range(place, end)) <= set(inside)
            assert all(other >= end or other in range(place, end) for other in inside if other >= place)
        cached = own[-1] if step.keep else cached[: step.cached]
        assert step.is_chain or not step.keep
    return seen


@given(texts=TEXTS, enough=st.integers(1, 40), more=st.integers(0, 40), growth=st.integers(0, 9))
@settings(max_examples=100, deadline=None)
def test_every_text_is_in_the_steps_once(texts: list[list[int]], enough: int, more: int, growth: int) -> None:
    size = Size(enough, enough + more, growth)
    steps = list(plan([np.array(text, np.int32) for text in texts], size))
    assert walk(steps) == {number: text for number, text in enumerate(texts) if text}
    assert sum(len(step.paths) for step in steps) == sum(map(bool, texts))


@given(texts=TEXTS, most=st.integers(2, 40), data=st.data())
@settings(max_examples=60, deadline=None)
def test_losses_are_wanted_where_a_text_asks_for_them(texts: list[list[int]], most: int, data: st.DataObject) -> None:
    skipped = [data.draw(st.integers(0, len(text) + 2)) for text in texts]
    cached = np.zeros(0, bool)
    for step in plan([np.array(text, np.int32) for text in texts], Size(most, most), skipped):
        if step.keep:
            cached = np.concatenate([cached[: step.start], step.wanted])
        for text, path in step.paths:
            asked = np.concatenate([cached[: step.start], step.wanted[path]])
            assert asked[skipped[text] :].all()
    if texts and min(skipped) > 24:
        assert not cached.any()


@given(texts=TEXTS, most=st.integers(2, 40))
@settings(max_examples=100, deadline=None)
def test_no_step_is_larger_than_asked(texts: list[list[int]], most: int) -> None:
    for step in plan([np.array(text, np.int32) for text in texts], Size(8, most)):
        assert len(step.tokens) <= most


@pytest.mark.parametrize(('words', 'labels'), [(1, 4), (40, 4), (300, 1)])
def test_tokens_forwarded_are_those_of_the_tree_but_for_a_few(words: int, labels: int) -> None:
    rng = random.Random(0)
    stems = [[rng.randrange(1000) for _ in range(400)] for _ in range(2)]
    texts = [
        stem + question + [label] + [7] * (words // labels)
        for stem in stems
        for question in [[rng.randrange(1000) for _ in range(60)] for _ in range(30)]
        for label in range(labels)
    ]
    bound = len({tuple(text[:length]) for text in texts for length in range(1, len(text) + 1)})
    steps = list(plan([np.array(text, np.int32) for text in texts], Size(256, 2048)))
    assert bound <= sum(len(step.tokens) for step in steps) <= 1.02 * bound
    assert min(len(step.tokens) for step in steps) > 64


def test_plan_of_56000_texts_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    stems = [rng.integers(0, 32000, 1300, np.int32) for _ in range(57)]
    questions = [np.concatenate([stems[n % 57], rng.integers(0, 32000, 60, np.int32)]) for n in range(14000)]
    texts = [np.append(question, np.int32(label)) for question in questions for label in range(4)]
    start = time.process_time()
    forwarded = sum(len(step.tokens) for step in plan(texts, Size(256, 2048)))
    assert time.process_time() - start < 20
    assert forwarded <= 1.02 * (57 * 1300 + 14000 * 64)
