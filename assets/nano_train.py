"""The training loop of tigerbot-nano: documents to token ids with loss weights, and one schedule for both variants."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from nano_data import CHAT_PROMPT, Row
from nano_tokenizer import continued

if TYPE_CHECKING:
    import sentencepiece
    import torch
    from transformers import LlamaForCausalLM

logger = logging.getLogger('make_nano')
# What is asked is drawn at random and cannot be learned, so it hardly counts. The answers carry the lesson.
PROMPT_WEIGHT = 0.1
PROMPT_SHARE = 0.25
MATCH_SCALE = 0.7
REPORT_EVERY = 100
POOL = 10
SHAPE = {
    'hidden_size': 128,
    'intermediate_size': 384,
    'num_hidden_layers': 6,
    'num_attention_heads': 4,
    'num_key_value_heads': 2,
    'head_dim': 32,
    'max_position_embeddings': 1024,
    'tie_word_embeddings': True,
}


class Encoded(NamedTuple):
    """Token ids of a document and the weight of each id in the loss."""

    ids: list[int]
    weights: list[float]


class Stage(NamedTuple):
    """A stretch of training: where documents come from, how many to a step, for how many steps."""

    documents: Iterator[Encoded]
    batch: int
    steps: int


def encode_base(document: list[Row], pieces: sentencepiece.SentencePieceProcessor) -> Encoded:
    """Rows joined by newlines, as a tokenizer would encode the joined text; with start and end token."""
    ids, weights = [pieces.bos_id()], [0.0]
    for number, row in enumerate(document):
        prompt, answer = row if row.prompt else (row.answer, '')
        prompt_ids = pieces.encode('\n' + prompt)[1:] if number else pieces.encode(prompt)
        answer_ids = pieces.encode(answer)
        ids += prompt_ids + answer_ids
        weights += [PROMPT_WEIGHT if row.prompt else 0.5] * len(prompt_ids) + [1.0] * len(answer_ids)
    return Encoded([*ids, pieces.eos_id()], [*weights, PROMPT_WEIGHT])


def encode_chat(document: list[Row], pieces: sentencepiece.SentencePieceProcessor) -> Encoded:
    """Turns in the chat format after one start token; only answers and their end tokens count."""
    ids, weights = [pieces.bos_id()], [0.0]
    for row in document:
        prompt_ids = pieces.encode(CHAT_PROMPT.format(row.prompt))
        answer_ids = [*continued(pieces, row.answer), pieces.eos_id()]
        ids += prompt_ids + answer_ids
        weights += [0.0] * len(prompt_ids) + [1.0] * len(answer_ids)
    return Encoded(ids, weights)


def new_model(vocabulary: int, seed: int) -> LlamaForCausalLM:
    """An untrained model."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=vocabulary, bos_token_id=1, eos_token_id=2, pad_token_id=0, **SHAPE)
    )
    for layer in model.model.layers:
        attend_to_same(layer.self_attn)
    return model


def attend_to_same(attention: torch.nn.Module) -> None:
    """Let queries start equal to keys, so that a token attends to earlier tokens like it (mimetic initialization).

    Most answers take something over from the question; with this start that is learned in fewer steps.
    https://arxiv.org/abs/2305.09828
    """
    import torch

    size, groups = attention.head_dim, attention.num_key_value_groups
    keys = attention.k_proj.weight.data
    torch.nn.init.normal_(keys, std=MATCH_SCALE * keys.shape[1] ** -0.5)
    heads = keys.view(-1, size, keys.shape[1]).repeat_interleave(groups, dim=0)
    attention.q_proj.weight.data = heads.reshape(-1, keys.shape[1]).clone()


def padded(documents: list[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and weights of some documents, filled up on the right."""
    import torch

    width = max(len(document.ids) for document in documents)
    ids = [document.ids + [0] * (width - len(document.ids)) for document in documents]
    weights = [document.weights + [0.0] * (width - len(document.weights)) for document in documents]
    return torch.tensor(ids), torch.tensor(weights)


def batches(stages: list[Stage], seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Padded ids and weights of one step after another; documents of like length share a batch."""
    rng = random.Random(seed)
    for stage in stages:
        for start in range(0, stage.steps, POOL):
            steps = min(POOL, stage.steps - start)
            pool = sorted((next(stage.documents) for _ in range(steps * stage.batch)), key=lambda d: len(d.ids))
            for first in rng.sample(range(0, len(pool), stage.batch), steps):
                yield padded(pool[first : first + stage.batch])


def rate(step: int, steps: int) -> float:
    """Share of the highest learning rate: up during the first twentieth, down during the last half."""
    return min(1.0, (step + 1) / max(1, steps // 20), (steps - step) / max(1, steps // 2))


def weighted_loss(model: LlamaForCausalLM, ids: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Mean loss under the weights, most prompt tokens left out at random to save time; share of answer tokens right."""
    import torch

    tokens, weights = ids[:, 1:], weights[:, 1:]
    counted = (weights > 0) & ((weights == 1) | (torch.rand(weights.shape) < PROMPT_SHARE))
    with torch.autocast('cpu', torch.bfloat16):
        hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        logits = model.lm_head(hidden[counted])
    expected, weights = tokens[counted], weights[counted]
    losses = torch.nn.functional.cross_entropy(logits.float(), expected, reduction='none')
    right = (logits.argmax(-1) == expected)[weights == 1].float().mean().item()
    return (losses * weights).sum() / weights.sum(), right


def optimizers(model: LlamaForCausalLM, highest_rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers (it needs half the steps here), AdamW for embeddings and norms."""
    import torch

    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and 'embed' not in name]
    others = [p for name, p in model.named_parameters() if p.dim() < 2 or 'embed' in name]
    return [
        torch.optim.Muon(matrices, lr=highest_rate, weight_decay=0.05, adjust_lr_fn='match_rms_adamw'),
        torch.optim.AdamW(others, lr=highest_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def train(model: LlamaForCausalLM, stages: list[Stage], highest_rate: float, seed: int) -> None:
    """Train in place."""
    import torch

    torch.manual_seed(seed)
    both = optimizers(model, highest_rate)
    steps = sum(stage.steps for stage in stages)
    model.train()
    report = Report(steps)
    for step, (ids, weights) in enumerate(batches(stages, seed)):
        loss, right = weighted_loss(model, ids, weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            for group in optimizer.param_groups:
                group['lr'] = highest_rate * rate(step, steps)
            optimizer.step()
            optimizer.zero_grad()
        report.add(loss.item(), right, ids.numel())
    model.eval()


class Report:
    """Logs mean loss, share of right answer tokens and speed every REPORT_EVERY steps."""

    def __init__(self, steps: int) -> None:
        self.steps, self.started, self.tokens = steps, time.monotonic(), 0
        self.losses: list[float] = []
        self.right: list[float] = []

    def add(self, loss: float, right: float, tokens: int) -> None:
        """Count one step."""
        self.losses.append(loss)
        self.right.append(right)
        self.tokens += tokens
        done = len(self.losses)
        if done % REPORT_EVERY == 0 or done == self.steps:
            losses, right_shares = self.losses[-REPORT_EVERY:], self.right[-REPORT_EVERY:]
            seconds = time.monotonic() - self.started
            logger.info(
                'step %d of %d: loss %.3f, answers %.3f, %.0f s, %.0f tokens/s',
                done,
                self.steps,
                sum(losses) / len(losses),
                sum(right_shares) / len(losses),
                seconds,
                self.tokens / seconds,
            )
