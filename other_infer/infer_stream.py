"""Chat with a model in the terminal, by the `stream_chat` of its own code where it has one.

    python other_infer/infer_stream.py --model_path tigerbot-7b-chat
    python other_infer/infer_stream.py --model_path MODEL --trust_remote_code

A model without such code, or without leave to run it, answers as in infer.py. `clear` forgets the conversation, `exit`
or Ctrl-D ends, Ctrl-C stops an answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.settings import flags, load, loading_flags


class OwnStream:
    """The answer of a model's `stream_chat`, which gives the whole text so far at each step, as pieces."""

    def __init__(self, texts: Iterator[tuple[str | None, Any]], tokenizer: Any) -> None:
        self._texts, self._tokenizer = texts, tokenizer
        self._said = ''
        self.dropped = 0

    @property
    def tokens(self) -> int:
        return len(self._tokenizer(self._said, add_special_tokens=False)['input_ids'])

    def __iter__(self) -> Iterator[str]:
        for text, _ in self._texts:
            if text is not None and len(text) > len(self._said):
                piece, self._said = text[len(self._said) :], text
                yield piece

    def close(self) -> None:
        close = getattr(self._texts, 'close', None)
        if close is not None:
            close()


def by_own_code(model: Any, tokenizer: Any, lengths: dict[str, int], turns: list[Any]) -> OwnStream:
    """The answer of the model's `stream_chat`; it cuts what is too long by itself."""
    said = [turn.content for turn in turns]
    history = list(zip(said[:-1:2], said[1::2], strict=True))
    return OwnStream(iter(model.stream_chat(tokenizer, query=said[-1], history=history, **lengths)), tokenizer)


def main() -> None:
    parser = flags(__doc__)
    loading_flags(parser)
    asked = parser.parse_args()
    from utils.reply import reply_of
    from utils.terminal import terminal_chat

    loaded = load(asked)
    lengths = {name: getattr(asked, name) for name in ('max_input_length', 'max_generate_length')}
    if asked.trust_remote_code and hasattr(loaded.model, 'stream_chat'):
        terminal_chat(partial(by_own_code, loaded.model, loaded.tokenizer, lengths))
        return
    terminal_chat(reply_of(loaded, asked))


if __name__ == '__main__':
    main()
