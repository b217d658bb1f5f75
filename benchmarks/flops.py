"""How much of the machine's speed a run used: its arithmetic against the rate of plain matrix products."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from tree import Tree

#: Rows of the products that are timed, how many weights take turns, and the seconds a shape is timed for.
ROWS, WEIGHTS, SECONDS = (512, 1024), 8, 0.2


class Rate(NamedTuple):
    """Operations a second of the best shape: as long as the machine keeps it up, with weights that take turns as the
    layers of a model do, and of the quickest single product."""

    sustained: float
    best: float


def operations(config: Any, forwarded: int, needed: Tree) -> float:
    """Of a Llama: the linear layers of all tokens forwarded, the last one of those whose logits are needed only, and
    attention over what each token sees. Norms, activations and soft-maxes are left out."""
    hidden, layers = config.hidden_size, config.num_hidden_layers
    linear = 2 * forwarded * layers * (4 * hidden**2 + 3 * hidden * config.intermediate_size)
    logits = 2 * needed.inner * hidden * config.vocab_size
    # Who forwards fewer tokens than the tree has, because a text's last one has nothing to tell, sees fewer, too.
    attention = 4 * hidden * layers * needed.pairs * min(1, forwarded / needed.tokens)
    return linear + logits + attention


def matmul_rate(config: Any) -> Rate:
    """How fast the products are that the model is made of."""
    hidden, inner = config.hidden_size, config.intermediate_size
    rates = [_rate(rows, *shape) for rows in ROWS for shape in ((hidden, hidden), (hidden, inner), (inner, hidden))]
    return Rate(max(one.sustained for one in rates), max(one.best for one in rates))


def _rate(rows: int, into: int, out: int) -> Rate:
    import torch

    left, weights = torch.rand(rows, into), [torch.rand(out, into) for _ in range(WEIGHTS)]
    seconds: list[float] = []
    while sum(seconds) < SECONDS:
        for weight in weights:
            start = time.perf_counter()
            torch.nn.functional.linear(left, weight)
            seconds.append(time.perf_counter() - start)
    one = 2 * rows * into * out
    return Rate(one * len(seconds) / sum(seconds), one / min(seconds))
