"""Token ids as rows of one length, and losses of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def padded(ids: list[list[int]], side: str, fill: int) -> tuple[list[list[int]], list[list[int]]]:
    """Rows of one length, filled up at a side, and which of their places hold a text's own token."""
    longest = max([1, *map(len, ids)])
    gaps = [longest - len(one) for one in ids]
    if side == 'left':
        return (
            [[fill] * gap + one for one, gap in zip(ids, gaps, strict=True)],
            [[0] * gap + [1] * len(one) for one, gap in zip(ids, gaps, strict=True)],
        )
    return (
        [one + [fill] * gap for one, gap in zip(ids, gaps, strict=True)],
        [[1] * len(one) + [0] * gap for one, gap in zip(ids, gaps, strict=True)],
    )


def token_losses(logits: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """The loss of each token but the first: [tokens - 1]."""
    import torch

    following = torch.tensor(ids[1:], dtype=torch.long, device=logits.device)
    return torch.nn.functional.cross_entropy(logits[: len(following)].float(), following, reduction='none')


def mean_loss(losses: torch.Tensor, skip: int) -> float:
    """Mean loss of the tokens after the first `skip`, 0 when none is left.

    Of all tokens (skip 0) the first counts in the number, though it has no loss: published scores do.
    """
    if skip < 1:
        return (losses.sum() / (len(losses) + 1)).item()
    kept = losses[skip - 1 :]
    return (kept.sum() / len(kept)).item() if len(kept) else 0.0
