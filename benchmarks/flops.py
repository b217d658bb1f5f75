"""How much of the machine's speed a run used: its arithmetic against the rate of plain matrix products."""

from __future__ import annotations

import time
from typing import Any

from tree import Tree

#: Rows of the products that are timed, and the seconds each is timed for.
ROWS, SECONDS = (512, 1024), 0.03


def operations(config: Any, forwarded: int, needed: Tree) -> float:
    """Of a Llama: the linear layers of all tokens forwarded, the last one of those whose logits are needed only, and
    attention over what each token sees. Norms, activations and soft-maxes are left out."""
    hidden, layers = config.hidden_size, config.num_hidden_layers
    linear = 2 * forwarded * layers * (4 * hidden**2 + 3 * hidden * config.intermediate_size)
    logits = 2 * needed.inner * hidden * config.vocab_size
    # Who forwards fewer tokens than the tree has, because a text's last one has nothing to tell, sees fewer, too.
    attention = 4 * hidden * layers * needed.pairs * min(1, forwarded / needed.tokens)
    return linear + logits + attention


def matmul_rate(config: Any) -> float:
    """Operations a second of the best product among those that the model is made of."""
    hidden, inner, entries = config.hidden_size, config.intermediate_size, config.vocab_size
    shapes = [(hidden, hidden), (hidden, inner), (inner, hidden), (hidden, entries)]
    return max(_rate(rows, *shape) for rows in ROWS for shape in shapes)


def _rate(rows: int, into: int, out: int) -> float:
    import torch

    left, right = torch.rand(rows, into), torch.rand(into, out)
    best, end = 0.0, time.perf_counter() + SECONDS
    while best == 0 or time.perf_counter() < end:
        start = time.perf_counter()
        torch.matmul(left, right)
        best = max(best, 2 * rows * into * out / (time.perf_counter() - start))
    return best
