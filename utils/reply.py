"""Answers of a loaded model, for terminals and pages alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .chat import ChatFormat, Turn
from .settings import generation, told
from .streaming import TextStream, generate_stream

if TYPE_CHECKING:
    import argparse

    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

    from .modeling_hack import Loaded


class Reply:
    """Called with a conversation it gives the answer; TooLong where the newest question does not fit.

    Args:
        generation_config: of each answer, see `utils.settings.generation`.
        max_input_length: most tokens of a prompt; the oldest turns are left out to keep to it.
        continues: the newest turn alone is a text to go on with, and pieces of the answer begin as they follow it.
        seed: the same draws for the same conversation.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        generation_config: GenerationConfig,
        chat_format: ChatFormat,
        max_input_length: int,
        continues: bool = False,
        seed: int | None = None,
    ) -> None:
        self.model, self.tokenizer, self.generation_config = model, tokenizer, generation_config
        self.chat_format, self.max_input_length = chat_format, max_input_length
        self.continues, self.seed = continues, seed

    def __call__(self, turns: Sequence[Turn]) -> TextStream:
        fitted = self.chat_format.fit(turns[-1:] if self.continues else turns, self.max_input_length)
        answer = generate_stream(
            self.model,
            self.tokenizer,
            fitted.ids,
            generation_config=self.generation_config,
            stop_texts=self.chat_format.stop_texts,
            continues=self.continues,
            seed=self.seed,
        )
        answer.dropped = fitted.dropped
        return answer


def reply_of(loaded: Loaded, asked: argparse.Namespace, style: str | None = None, **usual: object) -> Reply:
    """The replies of a model, as the flags of `utils.settings.flags` say.

    Args:
        style: of the chat format; 'plain' goes on with the newest text.
        usual: generation settings for what neither a flag nor the checkpoint says.
    """
    with told():
        chat_format = ChatFormat.of(loaded.tokenizer, style)
    settings = generation(loaded.generation_config, asked, chat_format.stop_ids, **usual)
    return Reply(
        loaded.model,
        loaded.tokenizer,
        settings,
        chat_format,
        asked.max_input_length,
        continues=style == 'plain',
        seed=asked.seed,
    )
