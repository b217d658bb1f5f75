"""A stand-in for the package vllm: its signatures (0.20 to 0.33), and a model of transformers for its engine.

What vllm refuses is refused here: empty prompts, prompts that leave no room, arguments that it has not.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

MOST_TOKENS = 128


@dataclass
class SamplingParams:
    """As of vllm, the fields that configs may name."""

    n: int = 1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    stop: str | list[str] | None = None
    stop_token_ids: list[int] | None = None
    ignore_eos: bool = False
    max_tokens: int | None = 16
    min_tokens: int = 0
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    logprob_token_ids: list[int] | None = None
    flat_logprobs: bool = False
    detokenize: bool = True
    skip_special_tokens: bool = True
    spaces_between_special_tokens: bool = True
    include_stop_str_in_output: bool = False
    skip_clone: bool = False
    logit_bias: dict[int, float] | None = None
    allowed_token_ids: list[int] | None = None
    extra_args: dict[str, Any] | None = None
    bad_words: list[str] | None = None
    skip_reading_prefix_cache: bool | None = None

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ValueError(f'max_tokens must be at least 1, got {self.max_tokens}.')
        if self.stop and not self.detokenize:
            raise ValueError('stop strings are only supported when detokenize is True.')
        if any(not one for one in self.stop or []):
            raise ValueError('stop cannot contain an empty string.')
        if len(self.logprob_token_ids or []) > MOST_TOKENS:
            raise ValueError('Requested logprob_token_ids of length which is greater than max allowed')


@dataclass
class LoRARequest:
    """As of vllm.lora.request."""

    lora_name: str
    lora_int_id: int
    lora_path: str = ''
    base_model_name: str | None = None
    load_inplace: bool = False


@dataclass
class Logprob:
    """As of vllm."""

    logprob: float
    rank: int | None = None
    decoded_token: str | None = None


@dataclass
class LLM:
    """As of vllm, with the engine arguments that configs may name; `asked` has the number of prompts of each call."""

    model: str
    tokenizer: str | None = field(default=None, kw_only=True)
    tokenizer_mode: str = field(default='auto', kw_only=True)
    skip_tokenizer_init: bool = field(default=False, kw_only=True)
    trust_remote_code: bool = field(default=False, kw_only=True)
    tensor_parallel_size: int = field(default=1, kw_only=True)
    dtype: str = field(default='auto', kw_only=True)
    quantization: str | None = field(default=None, kw_only=True)
    revision: str | None = field(default=None, kw_only=True)
    tokenizer_revision: str | None = field(default=None, kw_only=True)
    seed: int = field(default=0, kw_only=True)
    gpu_memory_utilization: float = field(default=0.92, kw_only=True)
    enforce_eager: bool = field(default=False, kw_only=True)
    download_dir: str | None = field(default=None, kw_only=True)
    max_model_len: int | None = field(default=None, kw_only=True)
    max_num_seqs: int | None = field(default=None, kw_only=True)
    enable_prefix_caching: bool | None = field(default=None, kw_only=True)
    enable_lora: bool = field(default=False, kw_only=True)
    max_lora_rank: int = field(default=16, kw_only=True)

    def __post_init__(self) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.weights = AutoModelForCausalLM.from_pretrained(self.model, dtype='float32').eval()
        self.words = AutoTokenizer.from_pretrained(self.tokenizer or self.model)
        self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(dtype='torch.float32'))
        self.asked: list[list[SamplingParams]] = []

    def get_tokenizer(self) -> Any:
        return self.words

    def generate(
        self,
        prompts: Any,
        sampling_params: Any = None,
        *,
        use_tqdm: Any = True,
        lora_request: Any = None,
        priority: list[int] | None = None,
        tokenization_kwargs: dict[str, Any] | None = None,
        mm_processor_kwargs: dict[str, Any] | None = None,
    ) -> list[Any]:
        if lora_request is not None:
            self._put_on(lora_request)
        self.asked.append(sampling_params)
        return [
            self._answer(prompt['prompt_token_ids'], params)
            for prompt, params in zip(prompts, sampling_params, strict=True)
        ]

    def _put_on(self, request: LoRARequest) -> None:
        from peft import PeftModel

        assert self.enable_lora, 'enable_lora'
        if not isinstance(self.weights, PeftModel):
            self.weights = PeftModel.from_pretrained(self.weights, request.lora_path).eval()

    def _answer(self, ids: list[int], params: SamplingParams) -> Any:
        if not 0 < len(ids) < self.max_model_len:
            raise ValueError(f'The decoder prompt (length {len(ids)}) is empty, or leaves no room for an answer')
        found, steps, words = [], [], ''
        ends = {*(params.stop_token_ids or []), *([] if params.ignore_eos else [self.words.eos_token_id])}
        logits = self._logits(ids)
        prompt = [None, *(_step(row, [token]) for row, token in zip(logits[:-1], ids[1:], strict=True))]
        while len(found) < min(params.max_tokens, self.max_model_len - len(ids)):
            found.append(_next(logits[-1], params, len(found)))
            steps.append(_step(logits[-1], [found[-1], *(params.logprob_token_ids or [])]))
            words = self.words.decode(found, skip_special_tokens=True) if params.detokenize else ''
            if found[-1] in ends or any(stop in words for stop in params.stop or []):
                break
            logits = self._logits([*ids, *found])
        answer = SimpleNamespace(
            text=words, token_ids=found, logprobs=steps if params.logprob_token_ids else None, finish_reason='length'
        )
        logprobs = None if params.prompt_logprobs is None else prompt
        return SimpleNamespace(prompt_token_ids=ids, prompt_logprobs=logprobs, outputs=[answer])

    def _logits(self, ids: list[int]) -> Any:
        import torch

        with torch.inference_mode():
            return self.weights(torch.tensor([ids])).logits[0]


def _step(row: Any, tokens: list[int]) -> dict[int, Logprob]:
    logprobs = row.log_softmax(-1)
    return {token: Logprob(logprobs[token].item()) for token in tokens}


def _next(row: Any, params: SamplingParams, step: int) -> int:
    import torch

    if params.temperature == 0:
        return int(row.argmax())
    kept = row if not params.top_k else row.masked_fill(row < row.topk(params.top_k).values[-1], -torch.inf)
    chance = (kept / params.temperature).softmax(-1)
    return int(chance.multinomial(1, generator=torch.Generator().manual_seed(params.seed + step)))


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the stand-in importable as vllm."""
    for name, values in (
        ('vllm', {'LLM': LLM, 'SamplingParams': SamplingParams}),
        ('vllm.lora', {}),
        ('vllm.lora.request', {'LoRARequest': LoRARequest}),
    ):
        module = ModuleType(name)
        module.__dict__.update(values)
        monkeypatch.setitem(sys.modules, name, module)
