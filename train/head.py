"""The head of a model at learned positions only: logits of questions and padding are neither computed nor kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from train.packing import IGNORED


class LearnedHead:
    """Narrows what goes into the output embeddings of a model while `only` is in force."""

    def __init__(self, head: torch.nn.Module) -> None:
        self._kept: torch.Tensor | None = None
        head.register_forward_pre_hook(self._narrow)

    @classmethod
    def of(cls, model: torch.nn.Module) -> LearnedHead | None:
        """That of a model whose code is transformers' own, which takes labels that fit the logits; None for others."""
        base: Any = model.get_base_model() if hasattr(model, 'get_base_model') else model
        head = base.get_output_embeddings() if hasattr(base, 'get_output_embeddings') else None
        is_known = type(base).__module__.startswith('transformers.models.')
        return cls(head) if is_known and isinstance(head, torch.nn.Linear) else None

    @contextmanager
    def only(self, labels: torch.Tensor) -> Iterator[torch.Tensor]:
        """Compute logits where the next token is learned; gives these tokens."""
        following = torch.nn.functional.pad(labels, (0, 1), value=IGNORED)[:, 1:]
        self._kept = following != IGNORED
        try:
            yield following[self._kept][None]
        finally:
            self._kept = None

    def _narrow(self, head: torch.nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if self._kept is None or given[0].shape[:2] != self._kept.shape:
            return None
        return (given[0][self._kept][None], *given[1:])
