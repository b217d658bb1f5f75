"""Texts as prompts make them, tiny models of many kinds, and what a text alone gets."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
import transformers

SIZE = 120
LLAMA: dict[str, Any] = {
    'vocab_size': SIZE,
    'hidden_size': 32,
    'intermediate_size': 64,
    'num_hidden_layers': 2,
    'num_attention_heads': 4,
    'num_key_value_heads': 2,
    'max_position_embeddings': 512,
    'bos_token_id': 1,
    'eos_token_id': 2,
    'pad_token_id': 0,
}
HEADS = {**LLAMA, 'head_dim': 8}
GPT2 = {'vocab_size': SIZE, 'n_embd': 32, 'n_layer': 2, 'n_head': 4, 'n_positions': 512, 'bos_token_id': 1}
YARN = {'rope_type': 'yarn', 'rope_theta': 10000.0, 'factor': 4.0, 'original_max_position_embeddings': 64}
#: Name -> (class prefix of transformers, its settings).
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    'llama': ('Llama', LLAMA),
    'llama without shared heads': ('Llama', {**LLAMA, 'num_key_value_heads': 4}),
    'llama with yarn': ('Llama', {**LLAMA, 'rope_parameters': YARN}),
    'llama of 64k words': ('Llama', {**LLAMA, 'vocab_size': 65536}),
    'qwen2': ('Qwen2', LLAMA),
    'qwen2 with windows': (
        'Qwen2',
        {**LLAMA, 'use_sliding_window': True, 'sliding_window': 12, 'max_window_layers': 1},
    ),
    'qwen3': ('Qwen3', HEADS),
    'mistral': ('Mistral', {**LLAMA, 'sliding_window': None}),
    'mistral with windows': ('Mistral', {**LLAMA, 'sliding_window': 12}),
    'gemma': ('Gemma', HEADS),
    'gemma2': ('Gemma2', {**HEADS, 'sliding_window': 12}),
    'gpt2': ('GPT2', GPT2),
    'gpt-neox': ('GPTNeoX', {name: value for name, value in LLAMA.items() if name != 'num_key_value_heads'}),
    'falcon': ('Falcon', {'vocab_size': SIZE, 'hidden_size': 32, 'num_hidden_layers': 2, 'num_attention_heads': 4}),
    'cohere': ('Cohere', LLAMA),
}


def make(kind: str = 'llama', seed: int = 0, dtype: torch.dtype = torch.float32, **changed: Any) -> Any:
    """A tiny model with random weights."""
    prefix, given = KINDS[kind]
    torch.manual_seed(seed)
    names = [name for name in dir(transformers) if name in (f'{prefix}ForCausalLM', f'{prefix}LMHeadModel')]
    config = getattr(transformers, f'{prefix}Config')(**{**given, **changed})
    return getattr(transformers, names[0])(config).eval().to(dtype)


def forest(seed: int, questions: int = 12) -> list[list[int]]:
    """Texts as few-shot questions make them: long common beginnings, a question, some endings; and odd ones: prefixes
    of each other, equal ones, one token, none."""
    rng = random.Random(seed)
    stems = [[rng.randrange(SIZE) for _ in range(length)] for length in (0, 3, 60)]
    texts = [[5], [5, 5], [], stems[2][:30], stems[2]]
    for _ in range(questions):
        question = rng.choice(stems) + [rng.randrange(4) for _ in range(rng.randrange(30))]
        texts += [question + [100 + label] + [7] * (label % 2) for label in range(4)]
        texts += [question or [9]] * 2
    return texts


def arrays(texts: list[list[int]]) -> list[Any]:
    """As token ids come from a model."""
    return [np.array(text, np.int32) for text in texts]


def nodes(texts: list[list[int]]) -> int:
    """How many tokens the prefix tree has."""
    return len({tuple(text[:length]) for text in texts for length in range(1, len(text) + 1)})


def alone(model: Any, text: list[int], mask: int = 0) -> float:
    """The log-likelihood of a text after its first `mask` tokens, forwarded on its own."""
    if not text:
        return 0.0
    with torch.no_grad():
        losses = model(torch.tensor([text])).logits[0, :-1].float().log_softmax(-1)
    return losses.gather(-1, torch.tensor(text[1:])[:, None])[max(mask - 1, 0) :].sum().item()
