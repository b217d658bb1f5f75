"""Models behind OpenAI's chat completions, or any server that speaks them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from ..registry import MODELS
from ..utils.logging import get_logger
from ..utils.optional import optional
from ._chat import messages
from .base_api import BaseAPIModel

if TYPE_CHECKING:
    from ..utils.prompt import PromptList

    Prompt = str | PromptList

ENDPOINT = 'https://api.openai.com/v1/chat/completions'
KEY_VARIABLE = 'OPENAI_API_KEY'
#: Tokens of prompt and answer at least, whatever `max_seq_len` says: published scores asked for so many.
CONTEXT = 4000
SECONDS = 600
#: Answers that another try does not change.
FINAL = {400: 'the request', 401: 'the key', 403: 'the key', 404: 'the model or the URL'}
#: Seconds between tries while the server is busy; these tries do not count.
WAITS = (1, 2, 4, 8, 16, 32, 60, 60)


@MODELS.register_module()
class OpenAI(BaseAPIModel):
    """A chat model that is asked with HTTP requests, several at a time.

    Args:
        path: the model's name at the server.
        retry: how often a request is tried.
        key: the API key, or several that take turns; 'ENV' takes it from $OPENAI_API_KEY.
        org: organisation, or several that take turns.
        openai_api_base: URL of the chat completions, or of the API (it ends in `/v1`).
    """

    #: Further fields of a request, e.g. `dict(temperature=0)`; set by the config key of this name.
    generation_kwargs: dict[str, Any] = {}

    def __init__(
        self,
        path: str,
        max_seq_len: int = 2048,
        query_per_second: float = 1,
        retry: int = 2,
        key: str | list[str] = 'ENV',
        org: str | list[str] | None = None,
        meta_template: dict | None = None,
        openai_api_base: str = ENDPOINT,
    ) -> None:
        super().__init__(path, query_per_second, retry, max_seq_len, meta_template)
        self.keys = _keys(key)
        self.orgs = [org] if isinstance(org, str) else org
        self.url = (
            openai_api_base if openai_api_base.endswith('/completions') else f'{openai_api_base}/chat/completions'
        )
        self.turns = count(1)

    def fingerprint(self) -> dict:
        return {**super().fingerprint(), 'url': self.url, 'generation_kwargs': self.generation_kwargs}

    def generate(self, inputs: Sequence[Prompt], max_out_len: int = 512, temperature: float = 0.7) -> list[str]:
        """The answer to each prompt, without blanks around it; '' where the prompt leaves no room for one."""
        with ThreadPoolExecutor(max(len(inputs), 1)) as threads:
            return list(threads.map(lambda one: self._answer(one, max_out_len, temperature), inputs))

    def get_token_len(self, prompt: Prompt) -> int:
        """Number of tokens of a text as tiktoken counts them; an estimate where it cannot load the model's encoding."""
        encoding = self._encoding
        return super().get_token_len(prompt) if encoding is None else len(encoding.encode(str(prompt)))

    @cached_property
    def _encoding(self) -> Any:
        library = optional('tiktoken', 'tiktoken', 'OpenAI')
        for load, name in (
            (library.encoding_for_model, self.path),
            (getattr(library, 'get_encoding', None), 'o200k_base'),
        ):
            try:
                if load is not None:
                    return load(name)
            except Exception as error:  # an unknown model; no network for the file
                reason = error
        get_logger().warning(f'{self.path}: tokens are estimated, since tiktoken has no encoding: {reason}')
        return None

    def _answer(self, prompt: Prompt, max_out_len: int, temperature: float) -> str:
        turns = messages(prompt)
        length, longest = self.get_token_len(str(prompt)), max(CONTEXT, self.max_seq_len)
        room = longest - length
        if min(max_out_len, room) <= 0:
            get_logger().warning(f'{self.path}: no answer to a prompt of {length} tokens: max_seq_len is {longest}')
            return ''
        return self._asked(
            {
                'model': self.path,
                'messages': turns,
                'max_tokens': min(max_out_len, room),
                'n': 1,
                'stop': None,
                'temperature': temperature,
                **self.generation_kwargs,
            }
        )

    def _asked(self, body: dict[str, Any]) -> str:
        """The server's answer to a request, which is tried again when the server does not give one."""
        waits, tries, problem = iter(WAITS), 0, ''
        while tries < max(self.retry, 1):
            self.wait()
            key = self._key()
            answer, problem, is_busy = self._sent(body, key)
            if answer is not None:
                return answer
            problem = problem.replace(key, '***')
            get_logger().warning(f'{self.path}: {problem}')
            pause = next(waits, None) if is_busy else 0
            if not is_busy or pause is None:
                tries += 1
            time.sleep(pause or 0)
        raise RuntimeError(f'{self.path} at {self.url} gave no answer after {self.retry} times: {problem}')

    def _sent(self, body: dict[str, Any], key: str) -> tuple[str | None, str, bool]:
        """The answer, or else what went wrong and whether the server was only busy."""
        import requests

        try:
            response = requests.post(self.url, data=json.dumps(body), headers=self._headers(key), timeout=SECONDS)
        except requests.exceptions.RequestException as error:
            return None, f'no connection to {self.url}: {type(error).__name__}', False
        try:
            found = response.json()
        except ValueError:
            return None, f'the answer of {self.url} is no JSON: {response.text[:200]!r}', response.status_code >= 500
        try:
            return str(found['choices'][0]['message']['content'] or '').strip(), '', False
        except (KeyError, IndexError, TypeError):
            return None, *self._refused(response.status_code, found, key)

    def _refused(self, status: int, found: Any, key: str) -> tuple[str, bool]:
        """What the server says instead of an answer, and whether it is busy. Not to be tried again: RuntimeError."""
        error = found.get('error') if isinstance(found, dict) else None
        about = error if isinstance(error, dict) else {'message': json.dumps(found)[:300]}
        problem, code = str(about.get('message')), about.get('code')
        if code == 'insufficient_quota':
            self.keys = [one for one in self.keys if one != key]
            if not self.keys:
                raise RuntimeError(f'{self.path}: no key has quota left; add credit or another key')
            return problem, False
        if status in FINAL:
            raise RuntimeError(
                f'{self.url} refuses {FINAL[status]} ({status}): {problem}; check ${KEY_VARIABLE}, `path` and '
                '`openai_api_base` of the model'.replace(key, '***')
            )
        return problem, status == 429 or status >= 500 or code == 'rate_limit_exceeded'

    def _key(self) -> str:
        """The next key."""
        if not self.keys:
            raise IndexError(f'{self.path}: the list of keys is empty; give one, or set ${KEY_VARIABLE} and key="ENV"')
        return self.keys[next(self.turns) % len(self.keys)] if len(self.keys) > 1 else self.keys[0]

    def _headers(self, key: str) -> dict[str, str]:
        headers = {'Authorization': f'Bearer {key}', 'content-type': 'application/json'}
        if self.orgs:
            headers['OpenAI-Organization'] = self.orgs[next(self.turns) % len(self.orgs)]
        return headers


def _keys(key: str | list[str]) -> list[str]:
    """The keys that take turns."""
    if isinstance(key, list):
        return key
    if key != 'ENV':
        return [key]
    if not os.environ.get(KEY_VARIABLE):
        raise KeyError(f'OpenAI needs a key: set ${KEY_VARIABLE} (any text for a server without keys) or pass key=...')
    return [os.environ[KEY_VARIABLE]]
