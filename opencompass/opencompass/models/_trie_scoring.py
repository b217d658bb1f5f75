"""Scores texts that share beginnings: each token of their prefix tree is forwarded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from ..utils.logging import get_logger
from ._trie_model import Outputs, TrieModel, cut, in_tree, longest_apart, new_cache, tensor
from ._trie_plan import Ids, Step, plan

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

Answer = TypeVar('Answer')
#: What a model says that cannot do it this way.
CANNOT = (RuntimeError, TypeError, ValueError, AttributeError, NotImplementedError, IndexError, KeyError)


class Query(NamedTuple):
    """What is asked about a text: its log-likelihood after the first `mask` tokens, or logits of `choices` after its
    end."""

    ids: Ids
    mask: int = 0
    choices: tuple[int, ...] = ()

    @property
    def skipped(self) -> int:
        """How many first tokens there are whose loss is not asked for."""
        return len(self.ids) if self.choices else self.mask


def answer(model: TrieModel, queries: Sequence[Query], done: set[int]) -> Iterator[tuple[int, Any]]:
    """(position, answer) of the queries that are not done: a log-likelihood, or a list of logits."""
    return sparing_memory(model, lambda answered: _Walk(model, queries).answers(answered), done)


def sparing_memory(
    model: TrieModel, attempt: Callable[[set[int]], Iterator[tuple[int, Answer]]], done: set[int]
) -> Iterator[tuple[int, Answer]]:
    """What an attempt gives for the positions that are not done. Out of memory, smaller steps are taken for the
    rest."""
    answered = set(done)
    while True:
        try:
            for position, found in attempt(answered):
                answered.add(position)
                yield position, found
            return
        except RuntimeError as error:
            if not is_out_of_memory(error) or not model.halve():
                raise
            get_logger().warning(f'out of memory: going on with {model.size.most} tokens at a time')


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch could not get the memory it wanted, on a GPU or the CPU."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def agreeing(
    model: Any, plain: Callable[[list[list[int]]], Any], longest: int = 2048, tokens_per_step: int | None = None
) -> TrieModel | None:
    """A `TrieModel` that gives a few texts the scores that `plain`, a function from token ids to logits, gives them;
    None where the model cannot."""
    for is_split in (True, False):
        try:
            made = TrieModel(model, longest, tokens_per_step, is_split)
            if _agrees(made, plain):
                made.forwarded = 0
                return made
        except CANNOT as error:
            get_logger().debug(f'scoring in a tree: {error}', exc_info=True)
    return None


def _agrees(model: TrieModel, plain: Callable[[list[list[int]]], Any]) -> bool:
    """Many branches, so that the last one stands far from its beginning: a bias by distance in the row shows."""
    import torch

    size = model.config.vocab_size
    tolerance = 1e-5 if model.model.dtype == torch.float32 else 1e-2
    length = min(32, (longest_apart(model.config) or 64) // 2)
    stem = [(7 * place + 3) % size for place in range(length)]
    texts = [stem + [(11 * place + number) % size for place in range(length // 2 + number)] for number in range(8)]
    found = dict(answer(model, [Query(np.array(text, np.int32)) for text in texts], set()))
    for number in (0, 1, len(texts) - 1):
        logits = plain([texts[number]])[0].float().log_softmax(-1)
        following = torch.tensor(texts[number][1:], device=logits.device)[:, None]
        wanted = logits[:-1].gather(-1, following).sum().item()
        if not abs(found[number] - wanted) <= tolerance * abs(wanted):
            return False
    return True


class _Walk:
    """The cache, and the log-likelihood of what is in it."""

    def __init__(self, model: TrieModel, queries: Sequence[Query]) -> None:
        self.model, self.queries, self.cache = model, queries, new_cache()
        self.sums = np.zeros(1)  # of the first 1, 2, ... cached tokens

    def answers(self, done: set[int]) -> Iterator[tuple[int, Any]]:
        import torch

        queries = self.queries
        for step in plan([one.ids for one in queries], self.model.size, [one.skipped for one in queries]):
            if step.keep or any(text not in done for text, _ in step.paths):
                with torch.inference_mode():
                    found = self._take(step)
                yield from found

    def _take(self, step: Step) -> list[tuple[int, Any]]:
        """Run a step; the answers of the texts that end in it."""
        outputs = forward(self.model, step, self.cache)
        gains = _gains(step, outputs, self.model.at_once)
        if step.keep:
            self.sums = np.concatenate([self.sums[: step.start], self.sums[step.start] + np.cumsum(gains)])
            return []
        ends = [int(path[-1]) for text, path in step.paths if self.queries[text].choices]
        logits = dict(zip(ends, outputs.logits(tensor(ends)).float(), strict=True)) if ends else {}
        return [(text, self._answer(self.queries[text], step.start, path, gains, logits)) for text, path in step.paths]

    def _answer(
        self, query: Query, start: int, path: Ids, gains: NDArray[np.float64], logits: dict[int, torch.Tensor]
    ) -> Any:
        if query.choices:
            return logits[int(path[-1])][list(query.choices)].tolist()
        before = max(query.mask - 1, 0)
        cached = float(self.sums[start] - self.sums[before]) if before < start else 0.0
        return cached + float(gains[path[max(query.mask - start, 1) :]].sum())


def forward(model: TrieModel, step: Step, cache: Any) -> Outputs:
    """Run a step after what is cached; its tokens stay in the cache."""
    cut(cache, step.cached)
    is_plain = step.is_chain and step.start == step.cached
    return model.forward(step.tokens, step.depths, None if is_plain else in_tree(step, model.model.device), cache)


def _gains(step: Step, outputs: Outputs, at_once: int) -> NDArray[np.float64]:
    """Log-probability of each token after its ancestors, where it is wanted; 0 elsewhere."""
    import torch

    gains = np.zeros(len(step.tokens))
    places = np.flatnonzero(step.wanted & (step.parents >= 0))
    parents, tokens = tensor(step.parents[places]), tensor(step.tokens[places])
    for part in range(0, len(places), at_once):
        asked, which = torch.unique(parents[part : part + at_once], return_inverse=True)
        losses = outputs.logits(asked).float().log_softmax(-1)
        found = losses[which.to(losses.device), tokens[part : part + at_once].to(losses.device)]
        gains[places[part : part + at_once]] = found.double().cpu().numpy()
    return gains
