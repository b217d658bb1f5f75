"""Records as token ids, and of each whether it is learned."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple, Protocol

from transformers import PreTrainedTokenizerBase

from train.records import BadRecord, text_of, turns_of
from utils.chat import ChatFormat, Turn

#: Raised when encoders give other ids for the same record, so that older caches are not used.
VERSION = 1


class Example(NamedTuple):
    """Token ids of a record, which of them are learned, and whether the end was cut off."""

    ids: list[int]
    learned: list[bool]
    is_cut: bool = False


class Encoder(Protocol):
    """What makes examples of records."""

    tokenizer: PreTrainedTokenizerBase
    #: Whether all of an example is learned, so that it may be divided.
    is_text: bool

    def __call__(self, record: dict[str, Any]) -> Example:
        """The example of a record; BadRecord where there is nothing to learn."""

    def settings(self) -> dict[str, Any]:
        """All that the ids depend on besides the tokenizer."""


class TextEncoder:
    """Documents for pre-training: BOS as the tokenizer has it, once; the text; EOS, once."""

    is_text = True

    def __init__(self, tokenizer: PreTrainedTokenizerBase, key: str = 'content') -> None:
        self.tokenizer, self.key = tokenizer, key

    def __call__(self, record: dict[str, Any]) -> Example:
        """A document of any length. Special tokens spelled in its text are tokens: corpora separate texts so."""
        ids = list(self.tokenizer(text_of(record, self.key))['input_ids'])
        bos, eos = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        while bos is not None and ids[:2] == [bos, bos]:
            del ids[0]
        while eos is not None and ids[-1:] == [eos]:
            del ids[-1]
        ids += [] if eos is None else [eos]
        if len(ids) < 2:
            raise BadRecord('a text of less than two tokens')
        return Example(ids, [True] * len(ids))

    def settings(self) -> dict[str, Any]:
        """All that the ids depend on besides the tokenizer."""
        return {'encoder': 'text', 'version': VERSION, 'key': self.key}


class ChatEncoder:
    """Conversations in the chat format; only answers and the tokens that end them are learned."""

    is_text = False

    def __init__(self, tokenizer: PreTrainedTokenizerBase, style: str = 'tigerbot', max_length: int = 1024) -> None:
        self.tokenizer, self.style, self.max_length = tokenizer, style, max_length
        self.format = ChatFormat.of(tokenizer, style)

    def __call__(self, record: dict[str, Any]) -> Example:
        """An example of at most max_length tokens, cut at its end, as long as some of an answer is left."""
        turns = [self._without_end(turn) for turn in turns_of(record, marked=self.style != 'plain')]
        try:
            ids, learned = self.format.learned(turns)
        except ValueError as error:
            raise BadRecord(str(error)) from error
        cut, is_cut = self.max_length, len(ids) > self.max_length
        if not any(learned[1:cut]):
            raise BadRecord(
                f'the question alone takes {cut} tokens or more, so nothing of the answer is learned (see --max_length)'
            )
        return Example(ids[:cut], learned[:cut], is_cut)

    def _without_end(self, turn: Turn) -> Turn:
        """A turn, where it is an answer without the end token that some data spell: the format puts one."""
        end = self.tokenizer.eos_token
        return turn._replace(content=turn.content.removesuffix(end)) if end and turn.role == 'assistant' else turn

    def settings(self) -> dict[str, Any]:
        """All that the ids depend on besides the tokenizer."""
        return {'encoder': 'chat', 'version': VERSION, 'style': self.style, 'max_length': self.max_length}


def fingerprint(encoder: Encoder, source: str) -> str:
    """A name for the examples that an encoder makes of a source: the same in every process and on every start."""
    tokenizer = encoder.tokenizer
    backend = getattr(tokenizer, 'backend_tokenizer', None)
    spelled = {
        'source': source,
        'settings': encoder.settings(),
        'class': type(tokenizer).__name__,
        'core': backend.to_str() if backend is not None else sorted(tokenizer.get_vocab().items()),
        'special': tokenizer.all_special_tokens,
        'ends': [tokenizer.bos_token_id, tokenizer.eos_token_id],
        'template': str(getattr(tokenizer, 'chat_template', None)),
    }
    return hashlib.sha256(json.dumps(spelled, sort_keys=True, default=str).encode()).hexdigest()[:16]


def shown(tokenizer: PreTrainedTokenizerBase, example: Example, width: int = 2000) -> str:
    """An example for a person: its text, with what is learned between ⟦ and ⟧. Nothing precedes the first token."""
    text, at, is_open = '', 0, False
    ids, learned = example.ids, [False, *example.learned[1:], False]
    for place in range(len(ids) + 1):
        if learned[place] != is_open or place == len(ids):
            piece = tokenizer.decode(ids[:place], skip_special_tokens=False, clean_up_tokenization_spaces=False)
            text += piece[at:] + ('' if learned[place] == is_open else '⟧' if is_open else '⟦')
            at, is_open = len(piece), learned[place]
    return text if len(text) <= width else f'{text[:width]} ...'
