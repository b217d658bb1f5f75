"""The contract of a model behind an API."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

from ._template import APITemplateParser
from .base import BaseModel

if TYPE_CHECKING:
    from ..utils.prompt import PromptList

__all__ = ['APITemplateParser', 'BaseAPIModel', 'TokenBucket']


class BaseAPIModel(BaseModel):
    """A model that is asked over a network. Its prompts are lists of turns where the data set's are; a subclass gives
    `generate`.

    Args:
        query_per_second: requests that may be started in a second, over all threads.
        retry: how often a failed request is sent again.
    """

    is_api = True

    def __init__(
        self,
        path: str,
        query_per_second: float = 1,
        retry: int = 2,
        max_seq_len: int = 2048,
        meta_template: dict | None = None,
    ) -> None:
        super().__init__(path, max_seq_len)
        self.meta_template = meta_template
        self.query_per_second = query_per_second
        self.retry = retry
        self.token_bucket = TokenBucket(query_per_second)
        self.template_parser = APITemplateParser(meta_template)

    def get_token_len(self, prompt: str | PromptList) -> int:
        """An estimate: ASCII words and numbers, and Chinese characters."""
        return len(re.findall(r'[A-Za-z0-9]+|[\u4e00-\u9fff]', str(prompt)))

    def to(self, device: str) -> None:
        """Nothing: the weights are elsewhere."""

    def wait(self) -> None:
        """Return when the next request may be sent."""
        self.token_bucket.get_token()


class TokenBucket:
    """Lets `rate` callers through in a second. The first waits not; later, a second's unused turns are saved up."""

    def __init__(self, rate: float) -> None:
        self.interval = 1.005 / rate  # a little slower than asked: the clock that counts is the other side's
        self.most_saved = max(int(rate), 1)
        self.lock = threading.Lock()
        self.next: float | None = None

    def get_token(self) -> None:
        """Return when this caller may go."""
        with self.lock:
            now = time.monotonic()
            turn = now if self.next is None else self.next
            unused = int((now - turn) / self.interval) + 1
            turn += max(unused - self.most_saved, 0) * self.interval
            self.next = turn + self.interval
        time.sleep(max(turn - now, 0))
