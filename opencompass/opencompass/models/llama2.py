"""Llama 2 with the package of its makers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..utils.logging import get_logger
from ..utils.optional import optional
from ._chat import messages
from ._template import APITemplateParser
from .base import BaseModel

if TYPE_CHECKING:
    from ..utils.prompt import PromptList

    Prompt = str | PromptList

#: Tokens that the marks around the turns of a dialog may take.
MARKS = 100
SOURCE = 'git+https://github.com/facebookresearch/llama'


class Llama2Chat(BaseModel):
    """A Llama 2 chat model in the folder that Meta distributes, run by Meta's package `llama` on GPUs.

    Args:
        path: folder with `consolidated.*.pth` and `params.json`.
        max_batch_size: dialogs that are answered together.
        tokenizer_path: `tokenizer.model`.
    """

    def __init__(
        self,
        path: str,
        max_seq_len: int = 2048,
        max_batch_size: int = 16,
        tokenizer_only: bool = False,
        tokenizer_path: str | None = None,
        meta_template: dict | None = None,
    ) -> None:
        super().__init__(path, max_seq_len, tokenizer_only, meta_template)
        self.max_batch_size = max_batch_size
        self.template_parser = APITemplateParser(meta_template)
        library = optional('llama', SOURCE, 'Llama2Chat')
        if tokenizer_only:
            self.tokenizer = library.Tokenizer(tokenizer_path)
        else:
            self.generator = library.Llama.build(path, tokenizer_path, max_seq_len, max_batch_size)
            self.model, self.tokenizer = self.generator.model, self.generator.tokenizer

    def generate(self, inputs: Sequence[Prompt], max_out_len: int = 512, temperature: float = 0.6) -> list[str]:
        """The answer to each dialog."""
        dialogs = [messages(prompt) for prompt in inputs]
        try:
            return self._answers(dialogs, max_out_len, temperature)
        except (
            AssertionError
        ) as error:  # one of them is too long, or has its turns in an order that the model cannot take
            get_logger().warning(f'{self.path}: a batch of {len(dialogs)} dialogs is asked one by one: {error}')
        return [self._answer(dialog, max_out_len, temperature) for dialog in dialogs]

    def get_token_len(self, prompt: str) -> int:
        return len(self.tokenizer.encode(prompt, bos=True, eos=True)) + MARKS

    def _answers(self, dialogs: list[list[dict]], max_out_len: int, temperature: float) -> list[str]:
        found = self.generator.chat_completion(dialogs, max_gen_len=max_out_len, temperature=temperature)
        return [one['generation']['content'] for one in found]

    def _answer(self, dialog: list[dict], max_out_len: int, temperature: float) -> str:
        try:
            [answer] = self._answers([dialog], max_out_len, temperature)
        except AssertionError as error:
            get_logger().warning(f'{self.path}: no answer to a dialog of {len(dialog)} turns: {error}')
            return ''
        return answer
