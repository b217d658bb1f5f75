"""Answers of the API server as OpenAI's clients read them."""

from __future__ import annotations

import json
import time
import uuid
from abc import ABC, abstractmethod
from typing import Any

from utils.batching import End


def event(content: Any) -> str:
    """A server-sent event. Letters beyond ASCII are escaped: some clients split lines at U+2028 and its like."""
    return f'data: {content if isinstance(content, str) else json.dumps(content)}\n\n'


class Shape(ABC):
    """The objects of one answer; a subclass says how text stands in them."""

    prefix: str
    whole_object: str
    part_object: str

    def __init__(self, model: str, prompt_tokens: int, with_usage: bool) -> None:
        """`with_usage` ends a stream with the counts of tokens."""
        self._head = {'id': f'{self.prefix}-{uuid.uuid4().hex}', 'created': int(time.time()), 'model': model}
        self._prompt_tokens, self._with_usage = prompt_tokens, with_usage

    def whole(self, text: str, end: End) -> dict:
        """The answer at once."""
        choice = {'index': 0, **self._said(text), 'logprobs': None, 'finish_reason': end.reason}
        return {**self._head, 'object': self.whole_object, 'choices': [choice], 'usage': self._usage(end)}

    def begun(self) -> list[dict]:
        """What comes before the first piece."""
        return []

    def piece(self, text: str) -> dict:
        return self._part([{'index': 0, **self._added(text), 'logprobs': None, 'finish_reason': None}])

    def ended(self, end: End) -> list[dict]:
        """What comes after the last piece."""
        last = self._part([{'index': 0, **self._added(''), 'logprobs': None, 'finish_reason': end.reason}])
        return [last, {**self._part([]), 'usage': self._usage(end)}] if self._with_usage else [last]

    def _part(self, choices: list[dict]) -> dict:
        usage = {'usage': None} if self._with_usage else {}
        return {**self._head, 'object': self.part_object, 'choices': choices, **usage}

    def _usage(self, end: End) -> dict[str, int]:
        return {
            'prompt_tokens': self._prompt_tokens,
            'completion_tokens': end.tokens,
            'total_tokens': self._prompt_tokens + end.tokens,
        }

    @abstractmethod
    def _said(self, text: str) -> dict:
        """A whole text, as it stands in a choice."""

    @abstractmethod
    def _added(self, text: str) -> dict:
        """A piece of text, as it stands in a choice of a stream."""


class ChatShape(Shape):
    prefix, whole_object, part_object = 'chatcmpl', 'chat.completion', 'chat.completion.chunk'

    def begun(self) -> list[dict]:
        delta = {'role': 'assistant', 'content': '', 'refusal': None}
        return [self._part([{'index': 0, 'delta': delta, 'logprobs': None, 'finish_reason': None}])]

    def _said(self, text: str) -> dict:
        return {'message': {'role': 'assistant', 'content': text, 'refusal': None}}

    def _added(self, text: str) -> dict:
        return {'delta': {'content': text} if text else {}}


class TextShape(Shape):
    prefix, whole_object, part_object = 'cmpl', 'text_completion', 'text_completion'

    def _said(self, text: str) -> dict:
        return {'text': text}

    _added = _said
