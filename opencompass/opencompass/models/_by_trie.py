"""Requests answered by the prefix tree of their prompts, and plainly where a model cannot do that."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..utils.logging import get_logger
from ..utils.requests import STAND_IN, Request, batches
from ._decoding import decode, until
from ._trie_decoding import Prompt
from ._trie_decoding import decode as decode_in_tree
from ._trie_model import TrieModel, longest_apart
from ._trie_plan import Ids, common
from ._trie_scoring import Query, agreeing, answer
from .base import BaseModel

if TYPE_CHECKING:
    import torch

#: What `generation_kwargs` may hold where decoding is greedy all the same.
GREEDY = {'do_sample', 'seed', 'temperature', 'top_p', 'top_k'}
#: Last tokens of an answer that are looked at for a text that ends it, and texts that are made tokens of at a time.
TAIL, TEXTS = 32, 1000


class ByTrie(BaseModel):
    """A causal model of transformers that is asked about all prompts of a data set at once. A subclass loads it, and
    answers what no prefix tree can be made for."""

    tokenizer: Any
    #: Most tokens that are forwarded at once; None: as many as a processor works on well, or as a GPU has memory for.
    #: Set by the config key of this name. `batch_size` of a config counts only where no prefix tree can be made.
    tokens_per_step: int | None = None
    #: After which an answer is complete, '' where the meta template names nothing.
    end_text: str
    #: For `generate`, e.g. `dict(do_sample=True, temperature=0.7, seed=1)`; the seed is 0 if none is given. Set by the
    #: config key of this name.
    generation_kwargs: dict[str, Any] = {}

    @abstractmethod
    def _token_ids(self, texts: list[str], limit: int | None) -> list[list[int]]:
        """Token ids of each text, cut to `limit`."""

    @abstractmethod
    def _logits(self, ids: list[list[int]]) -> torch.Tensor:
        """Logits of shape [texts, tokens, vocabulary]."""

    @abstractmethod
    def _weighed(self, ids: list[list[int]], choices: list[tuple[int, ...]]) -> list[list[float]]:
        """Of each prompt the logits of its choices as the next token."""

    @abstractmethod
    def _text(self, prompt: list[int], answer: list[int]) -> str:
        """What the new tokens say, up to the text that ends an answer."""

    @abstractmethod
    def _room(self, max_out_len: int) -> int:
        """Tokens left for a prompt."""

    @abstractmethod
    def _evaluating(self) -> AbstractContextManager[None]:
        """In which nothing is kept for training."""

    @property
    @abstractmethod
    def _end_ids(self) -> list[int]:
        """Tokens that end an answer."""

    @property
    @abstractmethod
    def _start_id(self) -> int:
        """What a text that has no token at all begins with."""

    def score(self, requests: Sequence[Request], batch_size: int, done: set[int]) -> Iterator[tuple[int, float]]:
        """(position, perplexity) as `get_ppl` defines it; what prompts share is forwarded once."""
        ids = self._all_ids(self.parse_template([one.prompt for one in requests], mode='ppl'), self.max_seq_len)
        trie, alone = self._divided([len(one) for one in ids])
        masks = [one.mask_length or 0 for one in requests]
        if trie is not None:
            queries = [Query(*one) for one in zip(_without(ids, alone), masks, strict=True)]
            for position, total in answer(trie, queries, done):
                yield position, -total / max(len(ids[position]) - masks[position], 1)
        yield from ((position, 0.0) for position, one in enumerate(ids) if not len(one) and position not in done)
        ask = partial(super().score, batch_size=1 if trie else batch_size)
        yield from _sorted_by_length(ask, requests, alone, ids, done)

    def choice_logits(
        self, requests: Sequence[Request], max_seq_len: int | None, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, list[float]]]:
        """(position, logit of each choice as the next token). A blank at a prompt's end belongs to the token that
        follows, as it did when the model was trained: the prompt's tokens are those it shares with the prompt and a
        word after it."""
        prompts = [str(one.prompt) for one in requests]
        pairs = zip(self._all_ids(prompts, None), self._all_ids([one + STAND_IN for one in prompts], None), strict=True)
        ids = [alone[: max(common(alone, followed), 1)][-self.max_seq_len :] for alone, followed in pairs]
        trie, alone = self._divided([len(one) for one in ids])
        if trie is not None:
            asked = zip(_without(ids, alone), requests, strict=True)
            yield from answer(trie, [Query(one, 0, request.choices) for one, request in asked], done)
        for batch in batches(requests, 1 if trie else batch_size, done | (set(range(len(ids))) - alone)):
            choices = [requests[position].choices for position in batch]
            yield from zip(batch, self._weighed([ids[one].tolist() for one in batch], choices), strict=True)

    def _divided(self, lengths: list[int]) -> tuple[TrieModel | None, set[int]]:
        """What forwards texts of so many tokens by their prefix tree, and the positions of those that are no business
        of it: too long where a text's scores depend on how long its neighbours are, or all."""
        longest, trie = self._longest_apart, self._trie
        if trie is None:
            return None, set(range(len(lengths)))
        return trie, {position for position, length in enumerate(lengths) if longest is not None and length > longest}

    @cached_property
    def _longest_apart(self) -> int | None:
        """See `longest_apart`."""
        get_text_config = getattr(getattr(self.model, 'config', None), 'get_text_config', None)
        return None if get_text_config is None else longest_apart(get_text_config(decoder=True))

    @cached_property
    def _trie(self) -> TrieModel | None:
        """What forwards prompts by their prefix tree; None for a model whose attention does not take its mask."""
        with self._evaluating():
            made = agreeing(self.model, self._logits, self.max_seq_len, self.tokens_per_step)
        if made is None:
            get_logger().warning(
                f'{self.path}: scores in a tree differ from plain ones; every text is forwarded on its own (slow)'
            )
        return made

    def generate_stream(
        self, requests: Sequence[Request], max_out_len: int, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, str]]:
        """(position, text) as `generate` gives it; what prompts share is forwarded once, and an answer that is finished
        waits for no other."""
        rooms = [one.max_out_len or max_out_len for one in requests]
        ids = self._prompt_ids(self.parse_template([one.prompt for one in requests], mode='gen'), rooms)
        trie, alone = None, set(range(len(ids)))
        if not self.generation_kwargs.keys() - GREEDY and not self.generation_kwargs.get('do_sample'):
            trie, alone = self._divided([len(one) + room for one, room in zip(ids, rooms, strict=True)])
        if trie is not None:
            prompts = [Prompt(*one) for one in zip(_without(ids, alone), rooms, strict=True)]
            ends = [{self.end_text, *one.stop} - {''} for one in requests]
            for position, new in decode_in_tree(trie, prompts, partial(self._is_answer, ends), done):
                yield position, self._text(ids[position].tolist(), until(new, set(self._end_ids)))
        ask = partial(
            super().generate_stream, max_out_len=max_out_len, batch_size=1 if self._longest_apart else batch_size
        )
        yield from _sorted_by_length(ask, requests, alone, ids, done)

    def _is_answer(self, ends: list[set[str]], position: int, new: list[int]) -> bool:
        """Whether the new tokens of a prompt end with an end token, or hold a text that ends it."""
        if new[-1] in self._end_ids:
            return True
        texts = ends[position]
        if not any(text in decode(self.tokenizer, new[-TAIL:]) for text in texts):
            return False
        whole = decode(self.tokenizer, new)
        return any(text in whole for text in texts)

    def _all_ids(self, texts: list[str], limit: int | None) -> list[Ids]:
        """`_token_ids` of very many texts, in little memory."""
        found: list[Ids] = []
        for start in range(0, len(texts), TEXTS):
            found += [np.array(one, np.int32) for one in self._token_ids(texts[start : start + TEXTS], limit)]
        return found

    def _prompt_ids(self, prompts: list[str], rooms: list[int]) -> list[Ids]:
        """Token ids of prompts, cut so that so many tokens can follow; never none at all."""
        found: dict[int, Ids] = {}
        for room in dict.fromkeys(rooms):
            members = [number for number, one in enumerate(rooms) if one == room]
            ids = self._all_ids([prompts[number] for number in members], self._room(room))
            found |= zip(members, ids, strict=True)
        start = np.array([self._start_id], np.int32)
        return [found[number] if len(found[number]) else start for number in range(len(prompts))]


def _without(ids: list[Ids], positions: set[int]) -> list[Ids]:
    """The texts, those at some positions emptied, which are no part of a prefix tree then."""
    return [one[:0] if position in positions else one for position, one in enumerate(ids)]


def _sorted_by_length(
    ask: Callable[..., Iterator[tuple[int, Any]]],
    requests: Sequence[Request],
    positions: set[int],
    ids: list[Ids],
    done: set[int],
) -> Iterator[tuple[int, Any]]:
    """What `ask` gives for the requests at some positions, sent in an order in which little of a batch is filled up."""
    order = sorted(positions, key=lambda position: (requests[position].group, -len(ids[position]), position))
    finished = {place for place, position in enumerate(order) if position in done}
    for place, found in ask([requests[position] for position in order], done=finished):
        yield order[place], found
