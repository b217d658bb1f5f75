"""Models that transformers loads."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from ..registry import MODELS
from ..utils.logging import get_logger
from ..utils.requests import STAND_IN, batches
from . import _loading as loading
from ._decoding import decode, end_of_answer, until
from ._fingerprint import checkpoint
from ._sequences import mean_loss, padded, token_losses
from ._trie_decoding import Prompt
from ._trie_decoding import decode as decode_in_tree
from ._trie_model import longest_apart
from ._trie_plan import common
from ._trie_scoring import Query, agreeing, answer
from .base import BaseModel

if TYPE_CHECKING:
    import torch

    from ..utils.requests import Request
    from ._trie_model import TrieModel
    from ._trie_plan import Ids

#: Defaults of `tokenizer_kwargs` and `model_kwargs`; nobody changes them.
NOTHING: dict[str, Any] = {}
EVERYWHERE: dict[str, Any] = {'device_map': 'auto'}
#: What `generation_kwargs` may hold where decoding is greedy all the same.
GREEDY = {'do_sample', 'seed', 'temperature', 'top_p', 'top_k'}
#: Last tokens of an answer that are looked at for a text that ends it, and texts that are made tokens of at a time.
TAIL, TEXTS = 32, 1000


@MODELS.register_module()
class HuggingFace(BaseModel):
    """A causal language model in a folder or on the hub.

    Scores and answers do not depend on what else is in a batch, and decoding is greedy unless `generation_kwargs` ask
    otherwise.

    Args:
        path: folder of the checkpoint, or its hub name.
        hf_cache_dir: where hub downloads are kept.
        tokenizer_path: folder or name of the tokenizer, if not `path`.
        tokenizer_kwargs, model_kwargs: for `from_pretrained`. Without a `torch_dtype` the weights are 16-bit on a GPU
            and 32-bit on a CPU.
        peft_path: adapters put on top of the weights.
        extract_pred_after_decode: cut the prompt off the decoded text, not off the tokens: keeps a leading blank that
            the decoder of some tokenizers drops.
        batch_padding: accepted for old configs; requests are always batched.
        tokens_per_step: most tokens that are forwarded at once; by default as many as a processor works on well, or as
            a GPU has memory for. `batch_size` of a config counts only for a model that no prefix tree can be made for.
    """

    #: For `generate`, e.g. `dict(do_sample=True, temperature=0.7, seed=1)`; the seed is 0 if none is given. Set by the
    #: config key of this name.
    generation_kwargs: dict[str, Any] = {}

    def __init__(
        self,
        path: str,
        hf_cache_dir: str | None = None,
        max_seq_len: int = 2048,
        tokenizer_path: str | None = None,
        tokenizer_kwargs: dict = NOTHING,
        peft_path: str | None = None,
        tokenizer_only: bool = False,
        model_kwargs: dict = EVERYWHERE,
        meta_template: dict | None = None,
        extract_pred_after_decode: bool = False,
        batch_padding: bool = False,
        tokens_per_step: int | None = None,
    ) -> None:
        super().__init__(path, max_seq_len, tokenizer_only, meta_template)
        self.extract_pred_after_decode = extract_pred_after_decode
        self.peft_path = peft_path
        self.tokens_per_step = tokens_per_step
        self.tokenizer_path = tokenizer_path
        self.tokenizer = self._load_tokenizer(tokenizer_path or path, hf_cache_dir, tokenizer_kwargs)
        self.end_text = end_of_answer(meta_template)
        if not tokenizer_only:
            self.model = self._load_model(path, hf_cache_dir, model_kwargs, peft_path)

    def _load_tokenizer(self, path: str, cache_dir: str | None, kwargs: dict) -> Any:
        """What turns texts into token ids and back."""
        return loading.tokenizer(path, cache_dir, kwargs)

    def _load_model(self, path: str, cache_dir: str | None, kwargs: dict, peft_path: str | None) -> Any:
        """The weights, with adapters put on; what else transformers' models can do they can, too."""
        return loading.model(path, cache_dir, kwargs, peft_path)

    def fingerprint(self) -> dict:
        return {**self._checkpoint, 'max_seq_len': self.max_seq_len, 'generation_kwargs': self.generation_kwargs}

    @cached_property
    def _checkpoint(self) -> dict:
        """Of weights, tokenizer and adapters what is in their files, so that a copy elsewhere is the same model."""
        found = {'checkpoint': checkpoint(self.path)}
        if self.tokenizer_path not in (None, self.path):
            found['tokenizer'] = checkpoint(self.tokenizer_path, with_weights=False)
        if self.peft_path is not None:
            found['adapter'] = checkpoint(self.peft_path)
        return {**found, 'dtype': self._dtype}

    @property
    def _dtype(self) -> str | None:
        """Of the weights in memory; None where there are none, or of a kind that only their package knows."""
        dtype = None if self.tokenizer_only else getattr(self.model, 'dtype', None)
        return None if dtype is None else str(dtype).removeprefix('torch.')

    def get_token_len(self, prompt: str) -> int:
        return len(self._token_ids([prompt], None)[0])

    def get_ppl(self, inputs: list[str], mask_length: list[int] | None = None) -> Sequence[float]:
        """Minus the log-likelihood of each text over the number of its tokens.

        The first token has no loss and counts in the number all the same: published scores are defined so. Of a masked
        text only the tokens after the first `mask_length` count, in both.
        """
        if not inputs:
            return []
        losses = self._losses(self._token_ids(inputs, self.max_seq_len))
        skipped = [0] * len(inputs) if mask_length is None else mask_length
        if len(skipped) != len(inputs):
            raise IndexError(f'mask_length has {len(skipped)} entries for {len(inputs)} texts')
        return [mean_loss(loss, skip) for loss, skip in zip(losses, skipped, strict=True)]

    def get_logits(self, inputs: list[str]) -> tuple[torch.Tensor, dict]:
        """Logits of shape [texts, tokens, vocabulary], texts filled up at the right, and {'tokens': ...} (ids)."""
        import torch

        ids = self._token_ids(inputs, self.max_seq_len)
        with self._evaluating():
            return self._logits(ids), {'tokens': {'input_ids': torch.tensor(padded(ids, 'right', self._pad_id)[0])}}

    def score(self, requests: Sequence[Request], batch_size: int, done: set[int]) -> Iterator[tuple[int, float]]:
        """(position, perplexity) as `get_ppl` defines it; what prompts share is forwarded once."""
        ids = self._all_ids(self.parse_template([one.prompt for one in requests], mode='ppl'), self.max_seq_len)
        alone = self._alone([len(one) for one in ids])
        if len(alone) < len(requests):
            masks = [one.mask_length or 0 for one in requests]
            queries = [Query(*one) for one in zip(_without(ids, alone), masks, strict=True)]
            for position, total in answer(self._trie, queries, done):
                yield position, -total / max(len(ids[position]) - queries[position].mask, 1)
        yield from ((position, 0.0) for position, one in enumerate(ids) if not len(one) and position not in done)
        ask = partial(super().score, batch_size=1 if self._trie else batch_size)
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
        alone = self._alone([len(one) for one in ids])
        if len(alone) < len(requests):
            pairs = zip(_without(ids, alone), requests, strict=True)
            yield from answer(self._trie, [Query(one, 0, request.choices) for one, request in pairs], done)
        for batch in batches(requests, 1 if self._trie else batch_size, done | (set(range(len(ids))) - alone)):
            choices = [requests[position].choices for position in batch]
            yield from zip(batch, self._weighed([ids[one].tolist() for one in batch], choices), strict=True)

    def _alone(self, lengths: list[int]) -> set[int]:
        """Positions of the texts that are no business of the tree: all where the model's attention does not take its
        mask, those that are too long where a text's scores depend on how long its neighbours are."""
        if self._trie is None:
            return set(range(len(lengths)))
        longest = self._longest_apart
        return set() if longest is None else {number for number, length in enumerate(lengths) if length > longest}

    @cached_property
    def _longest_apart(self) -> int | None:
        """See `longest_apart`."""
        get_text_config = getattr(getattr(self.model, 'config', None), 'get_text_config', None)
        return None if get_text_config is None else longest_apart(get_text_config(decoder=True))

    @cached_property
    def _trie(self) -> TrieModel | None:
        """What forwards prompts by their prefix tree; None for a model whose attention does not take its mask."""
        with self._evaluating():
            made = agreeing(self.model, self.tokens_per_step, self._logits)
        if made is None:
            get_logger().warning(
                f'{self.path}: scores in a tree differ from plain ones; every text is scored on its own, which is slower'
            )
        return made

    def generate_stream(
        self, requests: Sequence[Request], max_out_len: int, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, str]]:
        """(position, text) as `generate` gives it; what prompts share is forwarded once, and an answer that is finished
        waits for no other."""
        rooms = [one.max_out_len or max_out_len for one in requests]
        ids = self._prompt_ids(self.parse_template([one.prompt for one in requests], mode='gen'), rooms)
        alone = set(range(len(ids)))
        if not self.generation_kwargs.keys() - GREEDY and not self.generation_kwargs.get('do_sample'):
            alone = self._alone([len(one) + room for one, room in zip(ids, rooms, strict=True)])
        if len(alone) < len(ids):
            prompts = [Prompt(*one) for one in zip(_without(ids, alone), rooms, strict=True)]
            ends = [{self.end_text, *one.stop} - {''} for one in requests]
            for position, new in decode_in_tree(self._trie, prompts, partial(self._is_answer, ends), done):
                yield position, self._text(ids[position].tolist(), until(new, set(self._end_ids)))
        ask = partial(super().generate_stream, max_out_len=max_out_len, batch_size=1 if self._longest_apart else batch_size)
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

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        if not inputs:
            return []
        if max_out_len < 1:
            raise ValueError(f'max_out_len must be at least 1, found {max_out_len}')
        ids = [one or [self._start_id] for one in self._token_ids(inputs, self._room(max_out_len))]
        return [self._text(*one) for one in zip(ids, self._continue(ids, max_out_len), strict=True)]

    def _text(self, prompt: list[int], answer: list[int]) -> str:
        """What the new tokens say, up to the text that ends an answer."""
        if self.extract_pred_after_decode:
            text = decode(self.tokenizer, prompt + answer)[len(decode(self.tokenizer, prompt)) :]
        else:
            text = decode(self.tokenizer, answer)
        return text.split(self.end_text)[0] if self.end_text else text

    def _continue(self, ids: list[list[int]], max_out_len: int) -> list[list[int]]:
        """The new tokens of each prompt, up to and without the end token."""
        if not self.generation_kwargs.get('do_sample'):
            return self._decoded(ids, max_out_len)
        return [self._drawn(one, max_out_len) for one in ids]

    def _drawn(self, ids: list[int], max_out_len: int) -> list[int]:
        """A prompt sampled alone and from a seed of its own: neighbours, order and resuming change nothing in it."""
        import torch

        with torch.random.fork_rng():
            torch.manual_seed(self._seed(ids))
            return self._decoded([ids], max_out_len)[0]

    def _seed(self, ids: list[int]) -> int:
        """A prompt's own, made of the config's."""
        return zlib.crc32(f'{self.generation_kwargs.get("seed", 0)} {ids}'.encode())

    def _decoded(self, ids: list[list[int]], max_out_len: int) -> list[list[int]]:
        import torch

        rows, mask = padded(ids, 'left', self._pad_id)
        asked = {name: value for name, value in self.generation_kwargs.items() if name != 'seed'}
        config = loading.generation_config(self.model, max_out_len, self._end_ids, self._pad_id, asked)
        with self._evaluating():
            if self._longest_apart is not None:
                self._forget_lengths()
            output = self.model.generate(
                input_ids=torch.tensor(rows, device=self.model.device),
                attention_mask=torch.tensor(mask, device=self.model.device),
                generation_config=config,
            )
        ends = set(self._end_ids)
        return [until(row, ends) for row in output[:, len(rows[0]) :].tolist()]

    def _room(self, max_out_len: int) -> int:
        """Tokens left for a prompt."""
        room = self.max_seq_len - max_out_len
        if room < 1:
            raise ValueError(
                f'max_out_len {max_out_len} leaves no room for a prompt in max_seq_len {self.max_seq_len}; '
                'raise max_seq_len of the model or lower max_out_len'
            )
        return room

    def _token_ids(self, texts: list[str], limit: int | None) -> list[list[int]]:
        """Token ids of each text, cut to `limit` at the tokenizer's `truncation_side`."""
        wrong = texts if isinstance(texts, str) else next((one for one in texts if type(one) is list), None)
        if wrong is not None:
            raise TypeError(f'{self.path} takes texts in a list, not the {type(wrong).__name__} {wrong!r}')
        texts = [str(text) for text in texts]
        if not texts:
            return []
        cut = {} if limit is None else {'truncation': True, 'max_length': limit}
        return self.tokenizer(texts, **cut)['input_ids']

    def _all_ids(self, texts: list[str], limit: int | None) -> list[Ids]:
        """`_token_ids` of very many texts, in little memory."""
        import numpy as np

        found: list[Ids] = []
        for start in range(0, len(texts), TEXTS):
            found += [np.array(one, np.int32) for one in self._token_ids(texts[start : start + TEXTS], limit)]
        return found

    def _prompt_ids(self, prompts: list[str], rooms: list[int]) -> list[Ids]:
        """Token ids of prompts, cut so that so many tokens can follow; never none at all."""
        import numpy as np

        found: dict[int, Ids] = {}
        for room in dict.fromkeys(rooms):
            members = [number for number, one in enumerate(rooms) if one == room]
            ids = self._all_ids([prompts[number] for number in members], self._room(room))
            found |= zip(members, ids, strict=True)
        start = np.array([self._start_id], np.int32)
        return [found[number] if len(found[number]) else start for number in range(len(prompts))]

    def _losses(self, ids: list[list[int]]) -> list[torch.Tensor]:
        """Of each text the loss of each token but the first."""
        with self._evaluating():
            return [token_losses(row, one) for row, one in zip(self._logits(ids), ids, strict=True)]

    def _weighed(self, ids: list[list[int]], choices: list[tuple[int, ...]]) -> list[list[float]]:
        """Of each prompt the logits of its choices as the next token."""
        with self._evaluating():
            rows = zip(self._logits(ids), ids, choices, strict=True)
            return [row[len(one) - 1, list(chosen)].float().tolist() for row, one, chosen in rows]

    def _logits(self, ids: list[list[int]]) -> torch.Tensor:
        """Logits of texts filled up at the right: a causal model's values there do not depend on the fill."""
        import torch

        if self._longest_apart is not None and max(map(len, ids)) > self._longest_apart:
            self._forget_lengths()
            if len(ids) > 1:
                rows = [self._logits([one])[0] for one in ids]
                return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        rows, mask = padded(ids, 'right', self._pad_id)
        return self.model(
            input_ids=torch.tensor(rows, device=self.model.device),
            attention_mask=torch.tensor(mask, device=self.model.device),
        ).logits

    def _forget_lengths(self) -> None:
        """Rotary embeddings that were stretched for a long text stay so until a short one comes."""
        import torch

        self.model(input_ids=torch.tensor([[self._start_id]], device=self.model.device))

    @property
    def _start_id(self) -> int:
        """What a text that has no token at all begins with."""
        known = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self._pad_id)
        return next(one for one in known if one is not None)

    @property
    def _pad_id(self) -> int:
        return 0 if self.tokenizer.pad_token_id is None else self.tokenizer.pad_token_id

    @property
    def _end_ids(self) -> list[int]:
        """Tokens that end an answer: the meta template's, else the tokenizer's."""
        ends = self.tokenizer.eos_token_id if self.eos_token_id is None else self.eos_token_id
        if isinstance(ends, str):
            ends = self.tokenizer.convert_tokens_to_ids(ends)
        return [] if ends is None else list(ends) if isinstance(ends, (list, tuple)) else [ends]

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        import torch

        with torch.inference_mode():
            yield


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


@MODELS.register_module()
class HuggingFaceCausalLM(HuggingFace):
    """`HuggingFace` under the name that most configs use."""
