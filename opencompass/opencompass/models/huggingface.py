"""Models that transformers loads."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..registry import MODELS
from . import _loading as loading
from ._by_trie import ByTrie
from ._decoding import decode, end_of_answer, until
from ._fingerprint import checkpoint
from ._sequences import mean_loss, padded, token_losses

if TYPE_CHECKING:
    import torch

#: Defaults of `tokenizer_kwargs` and `model_kwargs`; nobody changes them.
NOTHING: dict[str, Any] = {}
EVERYWHERE: dict[str, Any] = {'device_map': 'auto'}


@MODELS.register_module()
class HuggingFace(ByTrie):
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
    """

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
    ) -> None:
        super().__init__(path, max_seq_len, tokenizer_only, meta_template)
        self.extract_pred_after_decode = extract_pred_after_decode
        self.peft_path = peft_path
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
                return torch.nn.utils.rnn.pad_sequence([self._logits([one])[0] for one in ids], batch_first=True)
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


@MODELS.register_module()
class HuggingFaceCausalLM(HuggingFace):
    """`HuggingFace` under the name that most configs use."""
