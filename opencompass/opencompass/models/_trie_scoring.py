"""Scores texts that share beginnings: each token of their prefix tree is forwarded once.

The branches of a tree lie side by side in one row. `position_ids` are depths in the tree, and a mask lets each token
see the cached beginning and its own ancestors only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..utils.logging import get_logger
from ._trie_plan import Step, plan

if TYPE_CHECKING:
    import torch

#: Most tokens of a step, and most logits (tokens x vocabulary) that are in memory at once.
TOKENS = 1024
LOGITS = 2**26
FEWEST = 64
SLICE = 128


class Query(NamedTuple):
    """What is asked about a text: its log-likelihood after the first `mask` tokens, or logits of `choices` after its
    end."""

    ids: list[int]
    mask: int = 0
    choices: tuple[int, ...] = ()


class TrieScorer:
    """Answers queries with a causal model of transformers. `forwarded` counts the tokens that went through it."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.budget = max(FEWEST, min(TOKENS, LOGITS // model.config.get_text_config().vocab_size))
        self.forwarded = 0

    def answer(self, queries: Sequence[Query], done: set[int]) -> Iterator[tuple[int, Any]]:
        """(position, answer) of the queries that are not done: a log-likelihood, or a list of logits. Out of memory,
        smaller steps are taken for the rest."""
        import torch

        answered = set(done)
        while True:
            try:
                for position, found in self._answer(queries, answered):
                    answered.add(position)
                    yield position, found
                return
            except torch.OutOfMemoryError:
                if self.budget <= FEWEST:
                    raise
                self.budget //= 2
                torch.cuda.empty_cache()
                get_logger().warning(f'out of memory: going on with {self.budget} tokens at a time')

    def _answer(self, queries: Sequence[Query], done: set[int]) -> Iterator[tuple[int, Any]]:
        import torch
        from transformers import DynamicCache

        walk = _Walk(self, DynamicCache(config=self.model.config), queries)
        for step in plan([query.ids for query in queries], self.budget):
            if step.keep or any(text not in done for text, _ in step.ends):
                with torch.inference_mode():
                    answers = walk.take(step)
                yield from answers

    def agrees(self, plain: Any) -> bool:
        """Whether a few texts get the scores that `plain`, a function from token ids to logits, gives them."""
        import torch

        size = self.model.config.get_text_config().vocab_size
        tolerance = 1e-4 if self.model.dtype == torch.float32 else 1e-2
        stem = [(7 * place + 3) % size for place in range(2 * 16)]
        texts = [stem + [(11 * place + number) % size for place in range(5 + number)] for number in range(3)]
        try:
            found = dict(self.answer([Query(text) for text in texts], set()))
        except (RuntimeError, TypeError, ValueError, AttributeError, NotImplementedError, IndexError) as error:
            get_logger().debug(f'scoring in a tree: {error}', exc_info=True)
            return False
        for number, text in enumerate(texts):
            logits = plain([text])[0].float().log_softmax(-1)
            wanted = logits[:-1].gather(-1, torch.tensor(text[1:], device=logits.device)[:, None]).sum().item()
            if not abs(found[number] - wanted) <= tolerance * abs(wanted):
                return False
        return True


class _Walk:
    """The cache, and the log-likelihood of what is in it."""

    def __init__(self, scorer: TrieScorer, cache: Any, queries: Sequence[Query]) -> None:
        self.scorer, self.cache, self.queries = scorer, cache, queries
        self.sums = [0.0]  # of the first 1, 2, ... cached tokens

    def take(self, step: Step) -> list[tuple[int, Any]]:
        """Run a step; the answers of the texts that end in it."""
        self._cut(step.start)
        logits = self._forward(step)
        sums = self._sums(step, logits)
        if step.keep:
            self.sums = self.sums[: step.start] + sums
        else:
            self._cut(step.start)
        return [(text, self._answer(self.queries[text], step, sums, logits, place)) for text, place in step.ends]

    def _answer(self, query: Query, step: Step, sums: list[float], logits: torch.Tensor, place: int) -> Any:
        if query.choices:
            return logits[place, list(query.choices)].float().tolist()
        return sums[place] - self._before(query.mask, step, sums, place, len(query.ids))

    def _cut(self, length: int) -> None:
        """Drop what is cached beyond a length."""
        surplus = self.cache.get_seq_length() - length
        if surplus > 0:
            self.cache.crop(-surplus)

    def _forward(self, step: Step) -> torch.Tensor:
        """Logits of shape [tokens, vocabulary]."""
        import torch

        model, count = self.scorer.model, len(step.tokens)
        self.scorer.forwarded += count
        mask = None if step.keep else _mask(step, model.dtype).to(model.device)
        return model(
            input_ids=torch.tensor([step.tokens], device=model.device),
            position_ids=torch.tensor([_depths(step)], device=model.device),
            attention_mask=mask,
            past_key_values=self.cache,
            use_cache=True,
        ).logits[0]

    def _sums(self, step: Step, logits: torch.Tensor) -> list[float]:
        """Log-likelihood of the text up to each token of the step, the first token of a text left out."""
        import torch

        inner = [place for place, parent in enumerate(step.parents) if parent >= 0]
        parents = torch.tensor([step.parents[place] for place in inner], dtype=torch.long, device=logits.device)
        tokens = torch.tensor([step.tokens[place] for place in inner], dtype=torch.long, device=logits.device)
        norms = torch.cat([part.float().logsumexp(-1) for part in logits.split(SLICE)])
        gains = dict(zip(inner, (logits[parents, tokens].float() - norms[parents]).double().tolist(), strict=True))
        known = self.sums[step.start] if step.start < len(self.sums) else 0.0
        sums: list[float] = []
        for place, parent in enumerate(step.parents):
            sums.append(sums[parent] + gains[place] if parent >= 0 else known)
        return sums

    def _before(self, mask: int, step: Step, sums: list[float], place: int, length: int) -> float:
        """Log-likelihood of the first `mask` tokens of the text that ends at `place`."""
        if mask < 1:
            return 0.0
        if mask <= step.start:
            return self.sums[mask - 1]
        for _ in range(max(length - mask, 0)):
            place = step.parents[place]
        return sums[place]


def _depths(step: Step) -> list[int]:
    """Place of each token in its text."""
    depths: list[int] = []
    for parent in step.parents:
        depths.append(depths[parent] + 1 if parent >= 0 else step.start)
    return depths


def _mask(step: Step, dtype: torch.dtype) -> torch.Tensor:
    """Additive mask of shape [1, 1, tokens, cached + tokens]: a token sees the cached ones, its ancestors and
    itself."""
    import numpy as np
    import torch

    count = len(step.tokens)
    seen = np.zeros((count, step.start + count), dtype=bool)
    seen[:, : step.start] = True
    for place, parent in enumerate(step.parents):
        if parent >= 0:
            seen[place] = seen[parent]
        seen[place, step.start + place] = True
    hidden = torch.zeros(seen.shape, dtype=dtype).masked_fill_(~torch.from_numpy(seen), torch.finfo(dtype).min)
    return hidden[None, None]
