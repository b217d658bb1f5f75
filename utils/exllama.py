"""Answers of EXL2 models, which exllamav2 runs on a GPU."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from .chat import ChatFormat, Turn
from .modeling_hack import generation_config, load_config, load_tokenizer, local_folder, warn_of_length
from .optional import optional
from .settings import generation
from .streaming import Decoder, TextStream

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedConfig, PreTrainedTokenizerBase

#: The dynamic generator wants caches in multiples of this.
PAGE = 256
#: What transformers takes where generation settings are open.
OPEN = {'temperature': 1.0, 'top_k': 50, 'top_p': 1.0, 'min_p': 0.0}


class Engine:
    """An EXL2 model on the GPUs that are visible, with a cache for one text. Whoever uses it holds `lock`.

    Args:
        length: most tokens of a prompt and its answer together.
    """

    def __init__(self, folder: str, length: int) -> None:
        self.folder, self.library = folder, needed()
        #: Most tokens that fit.
        self.length = -(-length // PAGE) * PAGE
        self.lock = threading.Lock()
        config = self.library.ExLlamaV2Config(folder)
        config.arch_compat_overrides()
        config.max_seq_len = self.length
        self.model = self.library.ExLlamaV2(config)
        self.cache = self.library.ExLlamaV2Cache(self.model, max_seq_len=self.length, lazy=True)
        self.model.load_autosplit(self.cache)

    @cached_property
    def generator(self) -> Any:
        """The dynamic generator, for one text at a time. It pages its cache where flash-attn 2.5.7 is there."""
        from exllamav2.attn import has_flash_attn_with_paged
        from exllamav2.generator import ExLlamaV2DynamicGenerator

        if not Path(self.folder, 'tokenizer.json').exists():
            raise OSError(
                f'{self.folder} has no tokenizer.json, which the generator of exllamav2 reads; let transformers write '
                'it (AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)), or use exllamav2_hf_infer.py'
            )
        return ExLlamaV2DynamicGenerator(
            self.model,
            self.cache,
            self.library.ExLlamaV2Tokenizer(self.model.config),
            max_batch_size=1,
            paged=has_flash_attn_with_paged and not self.model.config.no_flash_attn,
        )


class Checkpoint(NamedTuple):
    """What surrounds the weights: they are exllamav2's, the rest is that of transformers."""

    config: PreTrainedConfig
    tokenizer: PreTrainedTokenizerBase
    chat_format: ChatFormat
    generation_config: GenerationConfig


class ExllamaReply:
    """As `utils.reply.Reply`, by exllamav2's dynamic generator.

    A page of 256 tokens with which an earlier conversation began, too, is taken from the cache. Of the generation
    settings it heeds those that have flags, `min_p` and the end tokens.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizer: PreTrainedTokenizerBase,
        generation_config: GenerationConfig,
        chat_format: ChatFormat,
        max_input_length: int,
        seed: int | None = None,
    ) -> None:
        self.engine, self.tokenizer, self.generation_config = engine, tokenizer, generation_config
        self.chat_format, self.max_input_length, self.seed = chat_format, max_input_length, seed

    def __call__(self, turns: Sequence[Turn]) -> TextStream:
        fitted = self.chat_format.fit(turns, self.max_input_length)
        settings = self.generation_config
        job = {
            'input_ids': torch.tensor([fitted.ids]),
            'max_new_tokens': min(settings.max_new_tokens, self.engine.length - len(fitted.ids)),
            'gen_settings': sampler(settings),
            'stop_conditions': settings.eos_token_id,
            'seed': self.seed,
        }

        def run(streamer: Any, is_over: Any) -> None:
            self._run(job, streamer, is_over)

        decoder = Decoder(self.tokenizer, ends=settings.eos_token_id or ())
        answer = TextStream(run, decoder, self.chat_format.stop_texts)
        answer.dropped = fitted.dropped
        return answer

    def _run(self, job: dict[str, Any], streamer: Any, is_over: Any) -> None:
        """Generate an answer, up to its end or until its reader has enough."""
        from exllamav2.generator import ExLlamaV2DynamicJob

        prompt = job['input_ids']
        streamer.put(prompt)
        with self.engine.lock:
            generator, running = self.engine.generator, ExLlamaV2DynamicJob(**job)
            generator.enqueue(running)
            try:
                while generator.num_remaining_jobs() and not is_over(prompt, None).all():
                    for result in generator.iterate():
                        if 'token_ids' in result:
                            streamer.put(result['token_ids'])
                        if result.get('eos_reason') == 'stop_token':
                            streamer.put(torch.tensor([result['eos_triggering_token_id']]))
            finally:
                generator.cancel(running)


def load_reply(model_path: str, asked: argparse.Namespace, **usual: object) -> ExllamaReply:
    """An EXL2 checkpoint, ready to answer.

    Args:
        asked: of `utils.settings.flags`.
        usual: generation settings for what neither a flag nor the checkpoint says.
    """
    engine, own = load(model_path, asked, **usual)
    engine.generator  # noqa: B018  (it may refuse the folder, and that before the first question)
    return ExllamaReply(
        engine, own.tokenizer, own.generation_config, own.chat_format, asked.max_input_length, asked.seed
    )


def load(model_path: str, asked: argparse.Namespace, **usual: object) -> tuple[Engine, Checkpoint]:
    """The engine of a checkpoint, and what surrounds it; arguments as for `load_reply`."""
    needed()
    folder = local_folder(model_path)
    config, tokenizer = load_config(folder), load_tokenizer(folder)
    chat_format = ChatFormat.of(tokenizer)
    own = generation_config(folder, config, tokenizer)
    length = asked.max_input_length + asked.max_generate_length
    warn_of_length(config, length)
    settings = generation(own, asked, chat_format.stop_ids, **usual)
    return Engine(folder, length), Checkpoint(config, tokenizer, chat_format, settings)


def sampler(settings: GenerationConfig) -> Any:
    """Generation settings for the sampler of exllamav2, whose own defaults differ from those of transformers."""
    from exllamav2.generator import ExLlamaV2Sampler

    penalty = settings.repetition_penalty or 1.0
    if not settings.do_sample:
        return ExLlamaV2Sampler.Settings.greedy(token_repetition_penalty=penalty)
    given = {name: getattr(settings, name) for name in OPEN if getattr(settings, name, None) is not None}
    return ExLlamaV2Sampler.Settings(token_repetition_penalty=penalty, **{**OPEN, **given})


def needed() -> ModuleType:
    """exllamav2. Where the package or a GPU is missing, an error that says what to do."""
    wanted = 'a model in EXL2 format', 'exllamav2 (with a CUDA build of torch, on Linux)'
    if find_spec('exllamav2') is None:
        optional('exllamav2', *wanted)
    if not torch.cuda.is_available():
        raise OSError(
            'a model in EXL2 format needs an NVIDIA GPU, and torch sees none; on a CPU take the unquantized checkpoint '
            'with infer.py or other_infer/quant_infer.py'
        )
    return optional('exllamav2', *wanted)
