"""A model without weights, for tests and demonstrations."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from ..utils.requests import Request, batches
from .base import BaseModel


class CharTokenizer:
    """One id a character."""

    pad_token_id = eos_token_id = 0

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return [ord(one) for one in text]


class FakeModel(BaseModel):
    """Answers and scores that depend on the text alone.

    Args:
        seconds: how long it pretends to think about each text.
    """

    def __init__(
        self,
        path: str = 'fake',
        max_seq_len: int = 2048,
        tokenizer_only: bool = False,
        meta_template: dict | None = None,
        seconds: float = 0.0,
    ) -> None:
        super().__init__(path, max_seq_len, tokenizer_only, meta_template)
        self.tokenizer = CharTokenizer()
        self.seconds = seconds

    def get_token_len(self, prompt: str) -> int:
        return len(self.tokenizer.encode(prompt))

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        """The last words of each text, reversed."""
        return [' '.join(reversed(text.split()[-3:]))[:max_out_len] for text in map(self._think, inputs)]

    def get_ppl(self, inputs: list[str], mask_length: list[int] | None = None) -> Sequence[float]:
        starts = mask_length or [0] * len(inputs)
        return [_number(self._think(text)[start:]) for text, start in zip(inputs, starts, strict=True)]

    def choice_logits(
        self, requests: Sequence[Request], max_seq_len: int | None, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, list[float]]]:
        """(position, logit of each choice as the next token)."""
        for batch in batches(requests, batch_size, done):
            for position in batch:
                text = self._think(str(requests[position].prompt))
                yield position, [_number(f'{text}{choice}') for choice in requests[position].choices]

    def _think(self, text: Any) -> str:
        time.sleep(self.seconds)
        return str(text)


def _number(text: str) -> float:
    """Between 0 and 10, the same everywhere."""
    return zlib.crc32(text.encode()) % 10_000 / 1_000
