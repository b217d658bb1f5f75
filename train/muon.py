"""Muon for the matrices of a model's layers and AdamW for all else, as one optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from transformers import TrainingArguments


class MuonAdamW(torch.optim.Optimizer):
    """Two optimizers that are stepped, scheduled and saved as one.

    Muon's steps are scaled to the size of AdamW's (`match_rms_adamw`), so one learning rate does for both.
    https://kellerjordan.github.io/posts/muon
    """

    def __init__(self, model: torch.nn.Module, args: TrainingArguments) -> None:
        """Learning rate, weight decay and betas are those of the arguments; AdamW decays nothing."""
        if not hasattr(torch.optim, 'Muon'):
            raise ImportError('--muon needs torch 2.9 or newer: pip install -U torch')
        matrices, others = _divided(model)
        betas = (args.adam_beta1, args.adam_beta2)
        muon = torch.optim.Muon(
            matrices, lr=args.learning_rate, weight_decay=args.weight_decay, adjust_lr_fn='match_rms_adamw'
        )
        adamw = torch.optim.AdamW(others, lr=args.learning_rate, betas=betas, eps=args.adam_epsilon, weight_decay=0.0)
        self.both = (muon, adamw)
        super().__init__([{'params': matrices}, {'params': others}], {'lr': args.learning_rate})
        # The very groups of the two: what a scheduler sets here is set there.
        self.param_groups = [group for one in self.both for group in one.param_groups]

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One step of both."""
        loss = None if closure is None else closure()
        for one in self.both:
            one.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """The states of both."""
        return {'both': [one.state_dict() for one in self.both]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the states of both."""
        for one, state in zip(self.both, state_dict['both'], strict=True):
            one.load_state_dict(state)
        self.param_groups = [group for one in self.both for group in one.param_groups]


def _divided(model: torch.nn.Module) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """Trained matrices of the layers, and all else that is trained: embeddings, head, norms."""
    outer = {
        id(layer.weight) for layer in (model.get_input_embeddings(), model.get_output_embeddings()) if layer is not None
    }
    matrices: list[torch.nn.Parameter] = []
    others: list[torch.nn.Parameter] = []
    for one in model.parameters():
        if one.requires_grad:
            (matrices if one.dim() == 2 and id(one) not in outer else others).append(one)
    return matrices, others
