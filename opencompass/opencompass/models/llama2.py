"""Llama 2 in the folder that Meta distributes: `consolidated.*.pth`, `params.json`, and a `tokenizer.model`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..utils.logging import get_logger
from . import _meta
from ._chat import messages
from ._decoding import decode
from ._sentencepiece import SentencePieceTokenizer, file_at, file_beside
from ._template import APITemplateParser
from .base import BaseModel
from .huggingface import EVERYWHERE, HuggingFace

if TYPE_CHECKING:
    from ..utils.prompt import PromptList

    Prompt = str | PromptList

#: Tokens that the marks around the turns of a dialog may take.
MARKS = 100
#: Of the likeliest tokens that together have this probability one is drawn, as Meta's package does.
TOP_P = 0.9


class Llama2(HuggingFace):
    """A Llama 1 or 2, or a Code Llama: scores and answers are those of `HuggingFace` for the converted checkpoint. No
    package of Meta's is needed, and one process uses all GPUs.

    Args:
        path: folder with `consolidated.*.pth` and `params.json`.
        max_batch_size: accepted for old configs; `batch_size` of the config counts.
        tokenizer_path: `tokenizer.model`; without it the one in `path` or in the folder above.
        model_kwargs: `torch_dtype` and `device_map`, as of `HuggingFace`.
    """

    def __init__(
        self,
        path: str,
        max_seq_len: int = 2048,
        max_batch_size: int = 16,
        tokenizer_only: bool = False,
        tokenizer_path: str | None = None,
        meta_template: dict | None = None,
        model_kwargs: dict = EVERYWHERE,
    ) -> None:
        file = file_at(tokenizer_path) if tokenizer_path else file_beside(_meta.folder_of(path))
        super().__init__(
            path,
            max_seq_len=max_seq_len,
            tokenizer_path=str(file),
            tokenizer_only=tokenizer_only,
            model_kwargs=model_kwargs,
            meta_template=meta_template,
        )
        self.max_batch_size = max_batch_size

    @classmethod
    def processes(cls, asked: int) -> int:
        return 1

    def _load_tokenizer(self, path: str, cache_dir: str | None, kwargs: dict) -> SentencePieceTokenizer:
        return SentencePieceTokenizer(path)

    def _load_model(self, path: str, cache_dir: str | None, kwargs: dict, peft_path: str | None) -> Any:
        return _meta.load(path, len(self.tokenizer), kwargs)

    def continued(self, prompts: list[list[int]], max_out_len: int) -> list[str]:
        """What follows each prompt of token ids; an AssertionError where one is too long."""
        longest, room = max(map(len, prompts), default=0), self._room(max_out_len)
        if longest > room:
            raise AssertionError(f'{longest} tokens are asked and {room} leave room for {max_out_len} more')
        answers = self._continue(prompts, max_out_len) if prompts else []
        return [decode(self.tokenizer, answer) for answer in answers]


class Llama2Chat(BaseModel):
    """A Llama 2 chat model, run by Meta's package `llama` where that is installed, else as `Llama2` is.

    Answers are drawn at the temperature 0.6 unless the config says `generation_kwargs=dict(temperature=0)`. Without
    Meta's package each is drawn from a seed of its own, so that the same dialog has the same answer in every run.

    Args:
        path: folder with `consolidated.*.pth` and `params.json`.
        max_batch_size: dialogs that Meta's package answers together.
        tokenizer_path: `tokenizer.model`.
    """

    #: `temperature`; set by the config key of this name.
    generation_kwargs: dict[str, Any] = {}

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
        library = _metas_package()
        self.generator: Any = None
        if library is None:
            self.generator = Dialogs(Llama2(path, max_seq_len, max_batch_size, tokenizer_only, tokenizer_path))
        elif not tokenizer_only:
            self.generator = library.Llama.build(path, tokenizer_path, max_seq_len, max_batch_size)
        self.tokenizer = library.Tokenizer(tokenizer_path) if self.generator is None else self.generator.tokenizer
        if not tokenizer_only:
            self.model = self.generator.model

    @classmethod
    def processes(cls, asked: int) -> int:
        return Llama2.processes(asked) if _metas_package() is None else asked

    def fingerprint(self) -> dict:
        own = self.generator.llama.fingerprint() if isinstance(self.generator, Dialogs) else super().fingerprint()
        return {**own, 'generation_kwargs': self.generation_kwargs}

    def generate(self, inputs: Sequence[Prompt], max_out_len: int = 512, temperature: float = 0.6) -> list[str]:
        """The answer to each dialog, '' (and a warning) where the model cannot take it."""
        unknown = sorted(set(self.generation_kwargs) - {'temperature'})
        if unknown:
            raise ValueError(
                f'{self.path}: Llama2Chat takes temperature in generation_kwargs, not {", ".join(unknown)}'
            )
        temperature = self.generation_kwargs.get('temperature', temperature)
        dialogs = [messages(prompt) for prompt in inputs]
        try:
            return self._answers(dialogs, max_out_len, temperature)
        except AssertionError as error:  # one is too long, or its turns stand in an order that the model cannot take
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


class Dialogs:
    """What answers dialogs in place of the generator of Meta's package: the same call, and an AssertionError, too,
    for a dialog that Llama 2 cannot take."""

    def __init__(self, llama: Llama2) -> None:
        self.llama, self.tokenizer = llama, llama.tokenizer
        self.model = None if llama.tokenizer_only else llama.model

    def chat_completion(self, dialogs: list[list[dict]], max_gen_len: int, temperature: float) -> list[dict]:
        """An answer to each dialog, greedy where the temperature is 0."""
        drawn = {'do_sample': True, 'temperature': temperature, 'top_p': TOP_P, 'top_k': 0}
        self.llama.generation_kwargs = drawn if temperature else {}
        texts = self.llama.continued([self._spelled(dialog) for dialog in dialogs], max_gen_len)
        return [{'generation': {'role': 'assistant', 'content': text}} for text in texts]

    def _spelled(self, dialog: list[dict]) -> list[int]:
        """Token ids in the format of Llama 2's chat models: each question and its answer between start and end token,
        the system's words inside the first question."""
        system, turns = '', dialog
        if dialog and dialog[0]['role'] == 'system':
            system, turns = f'<<SYS>>\n{dialog[0]["content"]}\n<</SYS>>\n\n', dialog[1:]
        roles = [turn['role'] for turn in turns]
        if roles != [('user', 'assistant')[place % 2] for place in range(len(turns))] or len(turns) % 2 == 0:
            raise AssertionError(f'user and assistant take turns, the user begins and ends; found {", ".join(roles)}')
        said = [system + turns[0]['content'], *(turn['content'] for turn in turns[1:])]
        rounds = zip(said[:-1:2], said[1::2], strict=True)
        spelled = [(f'[INST] {asked.strip()} [/INST] {answer.strip()} ', True) for asked, answer in rounds]
        spelled.append((f'[INST] {said[-1].strip()} [/INST]', False))
        return [one for text, ended in spelled for one in self.tokenizer.encode(text, True, ended)]


def _metas_package() -> Any:
    """The package `llama` of Meta, None where it, or a package that it needs, is not installed."""
    try:
        found = import_module('llama')
    except ModuleNotFoundError:
        return None
    return found if hasattr(found, 'Llama') else None
