"""Answers by the next token: the probability of each choice right after the prompt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...registry import ICL_INFERENCERS
from ...utils.requests import STAND_IN, Request
from .._prompts import without
from .icl_base_inferencer import BaseInferencer, Plan

if TYPE_CHECKING:
    from .._prompts import PromptBuilder


@ICL_INFERENCERS.register_module()
class CLPInferencer(BaseInferencer):
    """Conditional log probability of choices, by their first tokens, which the test items bring in their column
    `choices`.

    A record's `prediction` is the list of probabilities (softmax over the choices), `pred_label` the number of the
    largest.
    """

    def plan(self, builder: PromptBuilder, ice_ids: list[list[int]]) -> Plan:
        built = [builder.for_generation(index, ids) for index, ids in enumerate(ice_ids)]
        choices = [_choices(builder.retriever.test_ds[index], index) for index in range(len(ice_ids))]
        spelled = [self.spelled(one.prompt, 'gen') for one in built]
        requests = [
            Request(prompt, choices=choice_ids(self.model.tokenizer, row))
            for prompt, row in zip(spelled, choices, strict=True)
        ]
        context = [
            {
                'in-context examples': builder.examples(given, 'gen'),
                'testing input': without(f'{prompt}{STAND_IN}', builder.examples(one.ice_ids, 'gen')),
                'prompt': f'{prompt}{STAND_IN}',
                'choices': row,
            }
            for prompt, one, given, row in zip(spelled, built, ice_ids, choices, strict=True)
        ]
        return Plan(requests, [self.key(one.prompt, choices=one.choices) for one in requests], context)

    def stream(self, requests: Sequence[Request], done: set[int]) -> Iterator[tuple[int, list[float]]]:
        return self.ask('choice_logits', 'choice_logits', requests, self.max_seq_len, self.batch_size, done)

    def records(self, plan: Plan, results: dict[int, list[float]]) -> list[dict]:
        return [
            {
                **context,
                'prediction': softmax(results[position]),
                'pred_label': results[position].index(max(results[position])),
            }
            for position, context in enumerate(plan.context)
        ]


def softmax(logits: list[float]) -> list[float]:
    """Probabilities from logits."""
    largest = max(logits)
    weights = [math.exp(one - largest) for one in logits]
    return [one / sum(weights) for one in weights]


def choice_ids(tokenizer: Any, choices: list[str]) -> tuple[int, ...]:
    """The first token of each choice. Choices that begin alike cannot be told apart by it."""
    tokens = [_encode(tokenizer, choice)[:1] for choice in choices]
    ids = tuple(one for found in tokens for one in found)
    if len(set(ids)) < len(choices):
        raise ValueError(
            f'to this model some of the choices {choices} are empty or begin with the same token ({tokens}); '
            'use the PPLInferencer for this data set'
        )
    return ids


def _encode(tokenizer: Any, text: str) -> list[int]:
    """Token ids without special ones, of a transformers, a SentencePiece-like or a text-only tokenizer."""
    try:
        return tokenizer.encode(text, add_special_tokens=False)
    except TypeError:
        return tokenizer.encode(text, False, False)  # (text, bos, eos)
    except ValueError:
        special = set(tokenizer.encode(''))
        return [one for one in tokenizer.encode(text) if one not in special]


def _choices(row: dict, number: int) -> list[str]:
    if 'choices' not in row:
        raise ValueError(
            f'test item {number} has no column `choices`, which CLPInferencer chooses from; it has {list(row)}'
        )
    return list(row['choices'])
