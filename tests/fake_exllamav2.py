"""A stand-in for exllamav2 0.3.2, whose calls have the parameters of the real ones, around a model of transformers.

    python tests/fake_exllamav2.py SCRIPT [ARGUMENTS]

runs a script with it, as if a GPU were there. What the real package asserts of its arguments is asserted here, too.
"""

from __future__ import annotations

import random
import runpy
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch


class ExLlamaV2Config:
    def __init__(self, model_dir: str | None = None) -> None:
        self.max_input_len, self.max_batch_size, self.no_flash_attn = 2048, 1, False
        self.model_dir = model_dir
        if model_dir is not None:
            self.prepare()

    def prepare(self, no_tensors: bool = False) -> None:
        from transformers import AutoConfig

        own = AutoConfig.from_pretrained(self.model_dir)
        self.max_seq_len, self.vocab_size = own.max_position_embeddings, own.vocab_size

    def arch_compat_overrides(self, quiet: bool = False, warn_only: bool = False) -> None:
        pass


class ExLlamaV2Cache:
    def __init__(
        self,
        model: Any,
        batch_size: int = 1,
        max_seq_len: int = -1,
        copy_from: Any = None,
        lazy: bool = False,
        num_key_value_heads: int | None = None,
        fixed_device: int | None = None,
    ) -> None:
        self.batch_size, self.lazy = batch_size, lazy
        self.max_seq_len = model.config.max_seq_len if max_seq_len == -1 else max_seq_len
        self.current_seq_len = 0
        self.ids: list[int] = []


class ExLlamaV2:
    """Tokens before the cache's `current_seq_len` are those of earlier calls. The head is filled up to 32 words."""

    def __init__(self, config: Any, lazy_load: bool = False, archparams: Any = None) -> None:
        self.config = config
        #: Tokens of each call of `forward`.
        self.forwarded: list[int] = []

    def load_autosplit(
        self,
        cache: Any,
        reserve_vram: Any = None,
        last_id_only: bool = False,
        callback: Any = None,
        callback_gen: Any = None,
        progress: bool = False,
    ) -> None:
        from transformers import AutoModelForCausalLM

        assert cache.lazy
        self.plain = AutoModelForCausalLM.from_pretrained(self.config.model_dir, dtype='float32').eval()

    @torch.inference_mode()
    def forward(
        self,
        input_ids: Any,
        cache: Any = None,
        input_mask: Any = None,
        preprocess_only: bool = False,
        last_id_only: bool = False,
        loras: Any = None,
        return_last_state: bool = False,
        position_offsets: Any = None,
        abort_event: Any = None,
        cpu_logits: bool = False,
        **kwargs: Any,
    ) -> Any:
        assert cache.current_seq_len + input_ids.shape[1] <= cache.max_seq_len
        assert cache.current_seq_len <= len(cache.ids)
        cache.ids = [*cache.ids[: cache.current_seq_len], *input_ids[0].tolist()]
        self.forwarded.append(input_ids.shape[1])
        logits = self.plain(torch.tensor([cache.ids])).logits[:, cache.current_seq_len :]
        cache.current_seq_len = len(cache.ids)
        logits = torch.nn.functional.pad(logits, (0, -logits.shape[-1] % 32 + 32), value=-65504.0).half()
        return logits[:, -1:] if last_id_only else logits


class ExLlamaV2Tokenizer:
    def __init__(self, config: Any, lazy_init: bool = True, force_json: bool = False, force_spm: bool = False) -> None:
        assert Path(config.model_dir, 'tokenizer.json').exists()


@dataclass
class Settings:
    """The first fields of the real ones, and those that the toolkit sets."""

    token_repetition_penalty: float = 1.025
    temperature: float = 0.8
    top_k: int = 50
    top_p: float = 0.8
    min_p: float = 0

    @staticmethod
    def greedy(**kwargs: Any) -> Settings:
        return Settings(**{'temperature': 1.0, 'token_repetition_penalty': 1.0, 'top_p': 0.0, 'top_k': 1, **kwargs})


class ExLlamaV2Sampler:
    Settings = Settings


class ExLlamaV2DynamicJob:
    def __init__(
        self,
        input_ids: Any,
        max_new_tokens: int,
        min_new_tokens: int = 0,
        max_skips: int | None = 4,
        gen_settings: Any = None,
        seed: int | None = None,
        stop_conditions: Any = None,
        decode_special_tokens: bool = False,
        return_top_tokens: int = 0,
        return_logits: bool = False,
        return_probs: bool = False,
        filters: Any = None,
        filter_prefer_eos: bool = False,
        token_healing: bool = False,
        identifier: Any = None,
        banned_strings: Any = None,
        embeddings: Any = None,
        **kwargs: Any,
    ) -> None:
        assert input_ids.device.type == 'cpu' and input_ids.shape[0] == 1 and input_ids.shape[1] > 0
        assert all(type(one) in (int, str) for one in stop_conditions or ())
        self.ids, self.max_new_tokens = input_ids[0].tolist(), max_new_tokens
        self.gen_settings, self.stop_conditions = gen_settings or Settings(), set(stop_conditions or ())
        self.random, self.new_tokens, self.stage = random.Random(seed), 0, 'pending'


class ExLlamaV2DynamicGenerator:
    #: All that were made, for tests to look into.
    jobs: list[ExLlamaV2DynamicJob] = []

    def __init__(
        self,
        model: Any,
        cache: Any,
        tokenizer: Any,
        max_batch_size: int | None = None,
        max_seq_len: int | None = None,
        max_chunk_size: int | None = None,
        max_q_size: int = 8,
        draft_model: Any = None,
        draft_cache: Any = None,
        num_draft_tokens: int = 4,
        use_ngram_draft: bool = False,
        max_ngram: int = 4,
        max_sampling_threads: int = 16,
        min_sampling_threads: int = 3,
        paged: bool = True,
        filter_background_eval: bool = True,
        **kwargs: Any,
    ) -> None:
        assert not paged, 'Paged attention required Flash Attention 2.5.7 or later'
        assert cache.batch_size == 1 and cache.max_seq_len % 256 == 0
        self.model, self.cache = model, cache
        self.running: list[ExLlamaV2DynamicJob] = []

    def enqueue(self, job: Any) -> int:
        assert len(job.ids) + job.max_new_tokens <= self.cache.max_seq_len
        self.running.append(job)
        self.jobs.append(job)
        return len(self.jobs)

    def num_remaining_jobs(self) -> int:
        return len(self.running)

    def cancel(self, job: Any) -> None:
        if job in self.running:
            self.running.remove(job)

    def iterate(self) -> list[dict]:
        job = self.running[0]
        if job.stage == 'pending':
            job.stage = 'streaming'
            return [{'job': job, 'stage': 'started', 'eos': False}, {'job': job, 'stage': 'prefill', 'eos': False}]
        self.cache.current_seq_len = 0
        token = self._drawn(
            job, self.model.forward(torch.tensor([job.ids]), self.cache, last_id_only=True)[0, -1].float()
        )
        job.ids.append(token)
        job.new_tokens += 1
        is_stopped = token in job.stop_conditions
        is_over = is_stopped or job.new_tokens >= job.max_new_tokens
        if is_over:
            self.running.remove(job)
        stopped = {'eos_reason': 'stop_token', 'eos_triggering_token_id': token}
        said = stopped if is_stopped else {'token_ids': torch.tensor([[token]])}
        return [{'job': job, 'stage': 'streaming', 'eos': is_over, **said}]

    @staticmethod
    def _drawn(job: Any, logits: torch.Tensor) -> int:
        """The next token: the likeliest with `top_k` 1, else drawn."""
        asked = job.gen_settings
        seen = torch.tensor(sorted(set(job.ids)))
        penalized = logits[seen]
        logits[seen] = torch.where(
            penalized > 0, penalized / asked.token_repetition_penalty, penalized * asked.token_repetition_penalty
        )
        if asked.top_k == 1:
            return int(logits.argmax())
        chances = (logits / asked.temperature).softmax(-1).tolist()
        return job.random.choices(range(len(chances)), chances)[0]


def modules() -> dict[str, ModuleType]:
    """The modules by name."""
    content = {
        'exllamav2': (ExLlamaV2Config, ExLlamaV2Cache, ExLlamaV2, ExLlamaV2Tokenizer),
        'exllamav2.generator': (ExLlamaV2Sampler, ExLlamaV2DynamicJob, ExLlamaV2DynamicGenerator),
        'exllamav2.attn': (),
    }
    made = {}
    for name, classes in content.items():
        made[name] = ModuleType(name)
        made[name].__spec__ = ModuleSpec(name, None)
        made[name].__dict__.update({one.__name__: one for one in classes})
    made['exllamav2.attn'].__dict__['has_flash_attn_with_paged'] = False
    return made


if __name__ == '__main__':
    sys.modules.update(modules())
    torch.cuda.is_available = lambda: True
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name='__main__')
