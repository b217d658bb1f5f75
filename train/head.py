"""The head of a model at learned positions only: logits of questions and padding are neither computed nor kept.

Those of a large vocabulary are the most that a training holds. So where it can, a training computes them in parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from train.packing import IGNORED

#: Kinds of models whose logits are what comes out of the head, neither scaled nor capped.
PLAIN = ('bloom', 'gpt_neox', 'llama', 'mistral', 'qwen2', 'qwen3')
#: Logits that are computed at a time: what caches of a CPU hold, or what keeps a GPU busy.
PART = {'cpu': 2**23, 'cuda': 2**26}


class LearnedHead:
    """Narrows what goes into the output embeddings of a model while `only` is in force.

    With `in_parts` a model in training gives no logits at all, and `loss` computes them.
    """

    def __init__(self, head: torch.nn.Module, in_parts: bool = False) -> None:
        self.in_parts = in_parts
        self._head = head
        self._kept: torch.Tensor | None = None
        self._wanted: torch.Tensor | None = None
        self._states: torch.Tensor | None = None
        head.register_forward_pre_hook(self._narrow)

    @classmethod
    def of(cls, model: torch.nn.Module, in_parts: bool = False) -> LearnedHead | None:
        """That of a model whose code is transformers' own, which takes labels that fit the logits; None for others."""
        base: Any = model.get_base_model() if hasattr(model, 'get_base_model') else model
        head = base.get_output_embeddings() if hasattr(base, 'get_output_embeddings') else None
        is_known = type(base).__module__.startswith('transformers.models.')
        if not is_known or not isinstance(head, torch.nn.Linear):
            return None
        is_plain = type(head) is torch.nn.Linear and head.bias is None and base.config.model_type in PLAIN
        return cls(head, in_parts and is_plain)

    @contextmanager
    def only(self, labels: torch.Tensor) -> Iterator[torch.Tensor]:
        """Compute logits where the next token is learned; gives these tokens."""
        following = torch.nn.functional.pad(labels, (0, 1), value=IGNORED)[:, 1:]
        self._kept = following != IGNORED
        self._wanted = following[self._kept]
        try:
            yield self._wanted[None]
        finally:
            self._kept = self._wanted = self._states = None

    def loss(self, outputs: Any, labels: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """Mean loss of the tokens of `only`, as transformers' Trainer asks for it: of a given number of them, too."""
        assert self._wanted is not None
        if self._states is None:
            total = torch.nn.functional.cross_entropy(outputs['logits'][0].float(), self._wanted, reduction='sum')
        else:
            total = LossInParts.apply(self._states, self._head.weight, self._wanted)
        return total / (self._wanted.numel() if num_items_in_batch is None else num_items_in_batch)

    def _narrow(self, head: torch.nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if self._kept is None or given[0].shape[:2] != self._kept.shape:
            return None
        states = given[0][self._kept]
        if self.in_parts and torch.is_grad_enabled():
            # Here and not in `loss`, as accelerate turns autocast on for the model alone.
            kind = states.device.type
            self._states = states.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else states
            states = states[:0]
        return (states[None], *given[1:])


class LossInParts(torch.autograd.Function):
    """Sum of the losses of tokens, with the gradient at once: no more than some logits exist at a time."""

    @staticmethod
    def forward(ctx: Any, states: torch.Tensor, weight: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Losses of the tokens `wanted` after states; they are computed in the data type of the states."""
        matrix = weight.to(states.dtype)
        total = torch.zeros((), device=states.device)
        for_states = torch.empty_like(states) if ctx.needs_input_grad[0] else None
        for_weight = torch.zeros_like(weight, dtype=torch.float32) if ctx.needs_input_grad[1] else None
        size = max(1, PART.get(states.device.type, PART['cuda']) // len(weight))
        for start in range(0, len(states), size):
            part, ids = states[start : start + size], wanted[start : start + size, None]
            logits = (part @ matrix.T).float()
            norm = logits.logsumexp(dim=1, keepdim=True)
            total += (norm - logits.gather(1, ids)).sum()
            slope = logits.sub_(norm).exp_().scatter_add_(1, ids, -torch.ones_like(norm)).to(states.dtype)
            if for_states is not None:
                torch.mm(slope, matrix, out=for_states[start : start + size])
            if for_weight is not None:
                _add_product(for_weight, slope.T, part)
        ctx.save_for_backward(for_states, for_weight)
        ctx.dtype = weight.dtype
        return total

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None, None]:
        """Gradients of states and weight, times the slope of what became of the sum."""
        for_states, for_weight = ctx.saved_tensors
        return (
            None if for_states is None else for_states * slope,
            None if for_weight is None else for_weight.mul_(slope).to(ctx.dtype),
            None,
        )


def _add_product(sums: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> None:
    """Add a product of matrices to sums in single precision."""
    if right.dtype == sums.dtype:
        sums.addmm_(left, right)
    else:
        sums += left @ right
