"""The contract of a model: text in, text or scores out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..utils import requests as plain
from ..utils.prompt import PromptList
from ._template import LMTemplateParser, TemplateParser

if TYPE_CHECKING:
    from ..utils.requests import Request

    Prompt = str | PromptList

__all__ = ['BaseModel', 'LMTemplateParser']


class BaseModel:
    """A model that reads prompts as text. A subclass gives `get_token_len` and `get_ppl` or `generate`, and is
    complete.

    Args:
        path: where the model lies, or its name.
        max_seq_len: tokens of prompt and answer together that the model can take.
        tokenizer_only: load no weights; enough for counting tokens.
        meta_template: how the model spells a conversation; see `LMTemplateParser`.
    """

    is_api: bool = False
    #: The weights, of models that have any.
    model: Any

    def __init__(
        self, path: str, max_seq_len: int = 2048, tokenizer_only: bool = False, meta_template: dict | None = None
    ) -> None:
        self.path = path
        self.max_seq_len = max_seq_len
        self.tokenizer_only = tokenizer_only
        self.template_parser: TemplateParser = LMTemplateParser(meta_template)
        self.eos_token_id = (meta_template or {}).get('eos_token_id')

    @classmethod
    def processes(cls, asked: int) -> int:
        """How many processes torchrun starts for the model where `num_procs` of a config asks for so many; 0 where the
        model starts its own."""
        return asked

    def fingerprint(self) -> dict:
        """What decides a result besides the prompt, the same on every machine where the model can tell: results of an
        interrupted run are used only while it is equal."""
        return {'path': self.path, 'max_seq_len': self.max_seq_len}

    @abstractmethod
    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        """The continuation of each input, at most `max_out_len` tokens long."""
        raise NotImplementedError(f'{type(self).__name__} cannot generate; choose data set configs that rank (PPL)')

    @abstractmethod
    def get_ppl(self, inputs: list[str], mask_length: list[int] | None = None) -> Sequence[float]:
        """Mean loss per token of each input; the first `mask_length` tokens do not count."""
        raise NotImplementedError(f'{type(self).__name__} cannot score; choose data set configs that generate')

    @abstractmethod
    def get_token_len(self, prompt: str) -> int:
        """Number of tokens of a text, special tokens included."""
        raise NotImplementedError(f'{type(self).__name__} cannot count tokens')

    def parse_template(self, prompt_template: Prompt | list[Prompt], mode: str) -> Any:
        """The prompt (or each prompt of a list) in the model's spelling. `mode`: 'ppl' or 'gen'."""
        return self.template_parser.parse_template(prompt_template, mode)

    def get_ppl_from_template(self, templates: Any, mask_length: list[int] | None = None) -> Any:
        """`get_ppl` of each prompt of a list, or of a prompt."""
        if _is_one(templates):
            return self.get_ppl_from_template([templates], mask_length)[0]
        return self.get_ppl(self.parse_template(templates, mode='ppl'), mask_length)

    def generate_from_template(self, templates: Any, max_out_len: int) -> Any:
        """`generate` for each prompt of a list, or for a prompt."""
        if _is_one(templates):
            return self.generate_from_template([templates], max_out_len)[0]
        return self.generate(self.parse_template(templates, mode='gen'), max_out_len=max_out_len)

    def get_token_len_from_template(self, templates: Prompt | list[Prompt], mode: str = 'ppl') -> int | list[int]:
        """Number of tokens of each prompt of a list, or of a prompt."""
        prompts = self.parse_template(templates, mode=mode)
        if _is_one(templates):
            return self.get_token_len(str(prompts))
        return [self.get_token_len(str(prompt)) for prompt in prompts]

    def score(self, requests: Sequence[Request], batch_size: int, done: set[int]) -> Iterator[tuple[int, float]]:
        """(position, perplexity) of requests as they get ready. A model that can plan better than in batches overrides
        this."""
        return plain.score(self, requests, batch_size, done)

    def generate_stream(
        self, requests: Sequence[Request], max_out_len: int, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, str]]:
        """(position, text) of requests as they get ready. A model that can plan better than in batches overrides
        this."""
        return plain.generate(self, requests, max_out_len, batch_size, done)

    def choice(self, inputs: Any, choices: Sequence[str]) -> list[str]:
        """Of each prompt the choice that surprises least after it, per token. GLM-130B's server chooses itself."""
        texts = [str(text) for text in self.parse_template(inputs, mode='gen')]
        return [self._likeliest(text, choices) for text in texts]

    def _likeliest(self, text: str, choices: Sequence[str]) -> str:
        start = self.get_token_len(text)
        losses = self.get_ppl([text + choice for choice in choices], [start] * len(choices))
        return min(zip(losses, choices, strict=True), key=lambda pair: float(pair[0]))[1]

    def to(self, device: str) -> None:
        """Move the weights."""
        self.model.to(device)


def _is_one(templates: Any) -> bool:
    """Whether this is a prompt, and no list of prompts."""
    return isinstance(templates, (str, PromptList))
