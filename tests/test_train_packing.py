"""Rows of documents: no token lost, none learned twice, and no document sees another."""

from __future__ import annotations

import itertools
import random
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from train import head as heads
from train.collate import Collator, layout_for
from train.head import LearnedHead
from train.packing import IGNORED, PackedRows, fitted, laid_out, planned

NANO = Path(__file__).resolve().parent.parent / 'assets' / 'tigerbot-nano' / 'base'


def learned(rows: list, sizes: list[int]) -> list[list[int]]:
    """Of each document, the tokens that some row learns."""
    found: list[list[int]] = [[] for _ in sizes]
    for row in rows:
        for piece in row:
            found[piece.example] += range(piece.start + 1, piece.stop)
    return [sorted(one) for one in found]


@pytest.mark.parametrize('kind', ['short', 'long', 'awkward', 'one', 'mixed'])
@pytest.mark.parametrize('width', [64, 1024])
def test_each_token_is_learned_once_and_rows_are_full(kind: str, width: int) -> None:
    draw = random.Random(kind)
    sizes = {
        'short': [draw.randint(2, 30) for _ in range(5000)],
        'long': [draw.randint(width, 5 * width) for _ in range(300)],
        'awkward': [width * 2 // 3] * 400,  # two never share a row whole
        'one': [7 * width + 3],
        'mixed': [int(draw.lognormvariate(5, 1.2)) + 2 for _ in range(2000)],
    }[kind]
    rows = planned(sizes, width)
    assert learned(rows, sizes) == [list(range(1, size)) for size in sizes]
    filled = [sum(piece.stop - piece.start for piece in row) for row in rows]
    assert max(filled) <= width
    if kind != 'one':
        assert sum(filled) / (width * len(rows)) >= 0.98
    assert rows == planned(sizes, width)


def test_whole_examples_share_rows_uncut() -> None:
    draw = random.Random(1)
    sizes = [draw.randint(2, 100) for _ in range(1000)]
    rows = fitted(sizes, 100)
    assert sorted(one for row in rows for one in row) == list(range(1000))
    assert max(sum(sizes[one] for one in row) for row in rows) <= 100
    assert sum(sizes) / (100 * len(rows)) > 0.98
    alone = laid_out([250, 3], 100, is_packed=False, is_divisible=True)
    assert [[tuple(one) for one in row] for row in alone] == [
        [(0, 0, 100)],
        [(0, 99, 199)],
        [(0, 198, 250)],
        [(1, 0, 3)],
    ]


def test_a_row_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match='at least 2 tokens, not 1; raise --max_length'):
        planned([5], 1)


@pytest.fixture(scope='module')
def model() -> LlamaForCausalLM:
    found = AutoModelForCausalLM.from_pretrained(NANO, dtype=torch.float32)
    found.config.use_cache = False
    return found


def documents(count: int = 9, longest: int = 60) -> list[list[int]]:
    draw = random.Random(3)
    return [[1, *(draw.randint(3, 1500) for _ in range(draw.randint(2, longest)))] for _ in range(count)]


def test_logits_of_a_packed_document_are_those_of_it_alone(model: LlamaForCausalLM) -> None:
    made = Dataset.from_dict({'input_ids': documents()})
    packed = PackedRows(made, planned([len(one) for one in made['input_ids']], 200))
    assert layout_for(model) == 'rows'
    batch = Collator(0, 'rows')([packed[place] for place in range(len(packed))])
    checked = 0
    with torch.no_grad():
        logits = model(input_ids=batch['input_ids'], position_ids=batch['position_ids']).logits
        for row in range(len(logits)):
            starts = (batch['position_ids'][row] == 0).nonzero().flatten().tolist()
            for start, stop in itertools.pairwise([*starts, logits.shape[1]]):
                alone = model(input_ids=batch['input_ids'][row : row + 1, start:stop]).logits[0]
                torch.testing.assert_close(logits[row, start:stop], alone, atol=1e-4, rtol=1e-4)
                checked += 1
    assert checked >= 9


def test_all_layouts_have_the_loss_and_gradient_of_a_padded_batch(model: LlamaForCausalLM) -> None:
    features = [
        {'input_ids': ids, 'learned': [place > len(ids) // 2 for place in range(len(ids))]} for ids in documents()
    ]
    found = {}
    for layout in ('padded', 'rows', 'flat'):
        batch = Collator(0, layout)(features)
        real = batch.pop('real_tokens').sum()
        assert real == sum(len(one['input_ids']) for one in features)
        model.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        found[layout] = (loss.item(), model.model.layers[0].mlp.up_proj.weight.grad.clone(), batch['input_ids'].numel())
    for layout in ('rows', 'flat'):
        assert found[layout][0] == pytest.approx(found['padded'][0], abs=1e-5)
        torch.testing.assert_close(found[layout][1], found['padded'][1], atol=1e-5, rtol=1e-3)
    assert found['flat'][2] == real and found['padded'][2] > 1.5 * found['rows'][2]


def test_what_is_learned_goes_by_the_mask_and_not_by_the_pad_token() -> None:
    """Where padding and end are one token, the end of an answer is learned all the same."""
    features = [
        {'input_ids': [1, 5, 6, 2], 'learned': [False, False, True, True]},
        {'input_ids': [1, 2], 'learned': [True, True]},
    ]
    batch = Collator(pad_id=2, layout='padded')(features)
    assert {name: values.tolist() for name, values in batch.items()} == {
        'input_ids': [[1, 5, 6, 2], [1, 2, 2, 2]],
        'labels': [[IGNORED, IGNORED, 6, 2], [IGNORED, 2, IGNORED, IGNORED]],
        'attention_mask': [[1, 1, 1, 1], [1, 1, 0, 0]],
        'real_tokens': [4, 2],
    }
    batch = Collator(pad_id=2, layout='rows', multiple=8)(features[:1] + [features[1]] * 3)
    assert batch['input_ids'].tolist() == [[1, 5, 6, 2, 2, 2, 2, 2], [1, 2, 1, 2, 2, 2, 2, 2], [1, 2, 2, 2, 2, 2, 2, 2]]
    assert batch['position_ids'].tolist()[1] == [0, 1, 0, 1, 0, 1, 2, 3]


def test_a_piece_of_a_long_document_does_not_learn_the_token_before_it() -> None:
    made = Dataset.from_dict({'input_ids': [list(range(10, 20)), [7, 8]], 'learned': [[True] * 10, [False, True]]})
    packed = PackedRows(made, laid_out([10, 2], 6, True, True))
    rows = [{name: values.tolist() for name, values in packed[place].items()} for place in range(len(packed))]
    assert sorted(rows, key=lambda row: row['input_ids']) == [
        {'input_ids': [7, 8], 'labels': [IGNORED, 8], 'position_ids': [0, 1]},
        {
            'input_ids': [10, 11, 12, 13, 14, 15],
            'labels': [IGNORED, 11, 12, 13, 14, 15],
            'position_ids': [0, 1, 2, 3, 4, 5],
        },
        {
            'input_ids': [15, 16, 17, 18, 19],
            'labels': [IGNORED, 16, 17, 18, 19],
            'position_ids': [0, 1, 2, 3, 4],
        },
    ]
    assert all(isinstance(values, np.ndarray) for values in packed[0].values())


def test_a_head_at_learned_positions_gives_the_same_loss_and_gradients(model: LlamaForCausalLM) -> None:
    features = [
        {'input_ids': ids, 'learned': [place > len(ids) // 2 for place in range(len(ids))]} for ids in documents()
    ]
    batch = Collator(0, 'rows')(features)
    del batch['real_tokens']
    head = LearnedHead.of(model)
    assert head is not None
    found = []
    for is_narrow in (False, True):
        model.zero_grad()
        with head.only(batch['labels']) if is_narrow else nullcontext() as following:
            given = {**batch, 'shift_labels': following} if is_narrow else batch
            output = model(**given)
        output.loss.backward()
        gradients = [model.lm_head.weight.grad.clone(), model.model.layers[0].mlp.up_proj.weight.grad.clone()]
        found.append((output.loss.item(), gradients, output.logits.shape))
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-6)
    torch.testing.assert_close(found[1][1], found[0][1], atol=1e-6, rtol=1e-4)
    learned_count = int((batch['labels'] != IGNORED).sum())
    assert found[1][2] == (1, learned_count, 1536) and found[0][2][:2] == batch['labels'].shape
    assert model(**batch).logits.shape[:2] == batch['labels'].shape  # no trace is left


@pytest.mark.parametrize('kind', ['float32', 'autocast', 'frozen'])
def test_a_loss_in_parts_has_the_gradients_of_one_of_all_logits(
    kind: str, model: LlamaForCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(heads.PART, 'cpu', 7 * 1536)
    batch = Collator(0, 'rows')([{'input_ids': ids} for ids in documents()])
    del batch['real_tokens']
    head = LearnedHead.of(model, in_parts=True)
    assert head is not None and head.in_parts
    model.lm_head.weight.requires_grad = kind != 'frozen'
    count = int((batch['labels'] != IGNORED).sum())
    found = []
    for in_parts in (False, True):
        model.zero_grad()
        with head.only(batch['labels']) if in_parts else nullcontext():
            with torch.autocast('cpu', torch.bfloat16, enabled=kind == 'autocast'):
                output = model(**({**batch, 'labels': None} if in_parts else batch))
            loss = head.loss(output, None, 2 * count) if in_parts else output.loss / 2
        (3 * loss).backward()
        weights = [model.lm_head.weight, model.model.layers[0].mlp.up_proj.weight, model.model.embed_tokens.weight]
        found.append((loss.item(), [None if one.grad is None else one.grad.clone() for one in weights]))
        assert output.logits.shape[:2] == ((1, 0) if in_parts else batch['labels'].shape)
    model.lm_head.weight.requires_grad = True
    exact = kind != 'autocast'
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-6 if exact else 1e-3)
    assert (found[0][1][0] is None) == (kind == 'frozen')
    for wanted, given in zip(found[0][1], found[1][1], strict=True):
        if wanted is not None:
            assert given.dtype == torch.float32
            away = (given - wanted).norm() / wanted.norm()
            assert away < (1e-5 if exact else 1e-2)


def test_scaled_and_capped_logits_are_not_computed_in_parts(model: LlamaForCausalLM, monkeypatch) -> None:
    monkeypatch.setattr(model.config, 'model_type', 'gemma2')
    head = LearnedHead.of(model, in_parts=True)
    assert head is not None and not head.in_parts
