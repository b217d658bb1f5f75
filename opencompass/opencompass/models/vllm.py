"""Models that vLLM runs on GPUs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..registry import MODELS
from ..utils import requests as plain
from ..utils.extraction import before
from ..utils.optional import optional
from ..utils.requests import batches
from . import _loading as loading
from ._chat import messages
from ._decoding import until
from ._sampling import sampling
from ._template import APITemplateParser
from .huggingface import NOTHING, HuggingFace

if TYPE_CHECKING:
    import torch

    from ..utils.prompt import PromptList
    from ..utils.requests import Request

    Prompt = str | PromptList

#: Requests that vLLM gets at a time, to batch them itself; what is done is stored after each of these.
CHUNK = 1000
#: Engine arguments that decide where and how fast a model runs, not what it says.
PLACE = {'cpu_offload_gb', 'disable_log_stats', 'download_dir', 'enable_prefix_caching', 'enforce_eager'}
PLACE |= {'gpu_memory_utilization', 'max_num_batched_tokens', 'max_num_seqs', 'swap_space', 'tensor_parallel_size'}
#: Ranks of adapters that vLLM has kernels for.
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
#: Roles of a chat whose model spells them itself.
CHAT = {
    'round': [{'role': 'HUMAN', 'api_role': 'HUMAN'}, {'role': 'BOT', 'api_role': 'BOT', 'generate': True}],
    'reserved_roles': [{'role': 'SYSTEM', 'api_role': 'SYSTEM'}],
}


@MODELS.addition
class VLLM(HuggingFace):
    """`HuggingFace` run by vLLM: it generates, scores texts and weighs choices, all defined as there, on all GPUs that
    the task sees (`num_gpus` of `run_cfg`), in one process that the engine's own belong to.

    vLLM batches all requests of a data set itself, `batch_size` notwithstanding, so that the last bits of a score, and
    with them a close answer, may depend on what runs beside it. What prompts share is computed once for answers and
    choices; a text that is scored is computed whole.

    Args:
        model_kwargs: engine arguments of `vllm.LLM`, e.g. `dict(dtype='bfloat16', gpu_memory_utilization=0.8)`.
        generation_kwargs: arguments of `vllm.SamplingParams`, or their names in transformers; greedy where none ask
            for more. A drawn answer has a seed of its own, made of its prompt and `seed`.
        lora_path: adapters put on top of the weights.
        stop_words: texts before which an answer ends.
        settings: further arguments of `HuggingFace`, such as `tokenizer_path`.
    """

    #: Nothing of transformers that a tree of texts would need.
    _trie = None

    def __init__(
        self,
        path: str,
        max_seq_len: int = 2048,
        model_kwargs: dict = NOTHING,
        generation_kwargs: dict = NOTHING,
        meta_template: dict | None = None,
        lora_path: str | None = None,
        stop_words: Sequence[str] = (),
        **settings: Any,
    ) -> None:
        self.stop_words = [*stop_words]
        self.engine_kwargs = dict(model_kwargs)
        shared: dict[str, Any] = {'model_kwargs': model_kwargs, 'meta_template': meta_template, 'peft_path': lora_path}
        super().__init__(path, max_seq_len=max_seq_len, **shared, **settings)
        self.generation_kwargs = dict(generation_kwargs)

    @classmethod
    def processes(cls, asked: int) -> int:
        return 0

    def _load_tokenizer(self, path: str, cache_dir: str | None, kwargs: dict) -> Any:
        """As vLLM does, with the remote code that the model may use."""
        if 'trust_remote_code' in self.engine_kwargs:
            kwargs = {'trust_remote_code': self.engine_kwargs['trust_remote_code'], **kwargs}
        return super()._load_tokenizer(path, cache_dir, kwargs)

    def _load_model(self, path: str, cache_dir: str | None, kwargs: dict, peft_path: str | None) -> Any:
        import torch

        usual: dict[str, Any] = {
            'tokenizer': loading.checkpoint(self.tokenizer_path or path),
            'download_dir': cache_dir,
            'max_model_len': self.max_seq_len,
            'tensor_parallel_size': max(torch.cuda.device_count(), 1),
            'enable_prefix_caching': True,
        }
        self.adapters = None
        if peft_path is not None:
            folder = loading.checkpoint(peft_path)
            self.adapters = self._library('vllm.lora.request').LoRARequest('adapters', 1, folder)
            usual |= {'enable_lora': True, **_rank(folder)}
        return self._library('vllm').LLM(loading.checkpoint(path), **{**usual, **kwargs})

    def _library(self, module: str) -> ModuleType:
        return optional(module, 'vllm', type(self).__name__)

    def fingerprint(self) -> dict:
        engine = {name: value for name, value in self.engine_kwargs.items() if name not in PLACE}
        return {**super().fingerprint(), 'vllm': engine, 'stop_words': self.stop_words}

    @property
    def _dtype(self) -> str | None:
        return None if self.tokenizer_only else str(self.model.llm_engine.model_config.dtype).removeprefix('torch.')

    def generate_stream(
        self, requests: Sequence[Request], max_out_len: int, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, str]]:
        return plain.generate(self, requests, max_out_len, CHUNK, done)

    def score(self, requests: Sequence[Request], batch_size: int, done: set[int]) -> Iterator[tuple[int, float]]:
        for batch in batches([one._replace(group=0) for one in requests], CHUNK, done):
            asked = [requests[position] for position in batch]
            texts = self.parse_template([one.prompt for one in asked], mode='ppl')
            yield from zip(batch, self.get_ppl(texts, [one.mask_length or 0 for one in asked]), strict=True)

    def choice_logits(
        self, requests: Sequence[Request], max_seq_len: int | None, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, list[float]]]:
        """As in `HuggingFace`, with log-probabilities for logits: they differ by one number a prompt."""
        return super().choice_logits(requests, max_seq_len, CHUNK, done)

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        return [before(text, self._stops) for text in super().generate(inputs, max_out_len)]

    def _continue(self, ids: list[list[int]], max_out_len: int) -> list[list[int]]:
        stops = [*self._stops, *filter(None, [self.end_text])]
        asked = {'max_tokens': max_out_len, 'stop_token_ids': self._end_ids, **sampling(self.generation_kwargs)}
        ends = [*asked.pop('stop_token_ids'), *self._stop_ids]
        how = {**asked, 'stop': stops, 'stop_token_ids': ends, 'ignore_eos': True, 'detokenize': bool(stops)}
        params = [self._params(**{**how, 'seed': self._seed(one)}) for one in ids]
        return [until([*one.outputs[0].token_ids], {*ends}) for one in self._asked(ids, params)]

    @property
    def _stop_ids(self) -> list[int]:
        """Stop words that are special tokens, which stand in no text."""
        added = self.tokenizer.get_added_vocab()
        return [added[word] for word in self._stops if word in added]

    @property
    def _stops(self) -> list[str]:
        """Texts that end an answer, besides the meta template's."""
        return [*self.stop_words, *sampling(self.generation_kwargs).get('stop', [])]

    def _losses(self, ids: list[list[int]]) -> list[torch.Tensor]:
        """Of each text the loss of each token but the first. The last is asked for as the next token after the others:
        vLLM takes no prompt that leaves no room for an answer."""
        import torch

        places = [place for place, one in enumerate(ids) if len(one) > 1]
        params = [self._scoring(ids[place][-1:], prompt_logprobs=0) for place in places]
        losses: list[list[float]] = [[] for _ in ids]
        for place, found in zip(places, self._asked([ids[place][:-1] for place in places], params), strict=True):
            steps = [*found.prompt_logprobs[1:], found.outputs[0].logprobs[0]]
            losses[place] = [-step[token].logprob for step, token in zip(steps, ids[place][1:], strict=True)]
        return [torch.tensor(one, dtype=torch.float64) for one in losses]

    def _weighed(self, ids: list[list[int]], choices: list[tuple[int, ...]]) -> list[list[float]]:
        """Of each prompt the log-probabilities of its choices as the next token; it leaves room for one."""
        params = [self._scoring(sorted({*chosen})) for chosen in choices]
        answers = self._asked([one[-(self.max_seq_len - 1) :] for one in ids], params)
        steps = [answer.outputs[0].logprobs[0] for answer in answers]
        return [[step[token].logprob for token in chosen] for step, chosen in zip(steps, choices, strict=True)]

    def _logits(self, ids: list[list[int]]) -> torch.Tensor:
        raise NotImplementedError(f'{self.path}: vLLM gives no logits of whole texts; use HuggingFaceCausalLM')

    def _scoring(self, tokens: list[int], **settings: Any) -> Any:
        """Asks for the log-probabilities of these as the next token, and for no text."""
        usual = {'temperature': 0.0, 'max_tokens': 1, 'detokenize': False}
        return self._params(logprob_token_ids=tokens, **usual, **settings)

    def _params(self, **settings: Any) -> Any:
        try:
            return self._library('vllm').SamplingParams(**settings)
        except TypeError as error:
            raise ValueError(f'{self.path}: generation_kwargs has what vLLM does not know: {error}') from error

    def _asked(self, ids: list[list[int]], params: list[Any]) -> list[Any]:
        """What vLLM says to each prompt."""
        prompts = [{'prompt_token_ids': one} for one in ids]
        return self.model.generate(prompts, params, use_tqdm=False, lora_request=self.adapters) if prompts else []


@MODELS.addition
class VLLMwithChatTemplate(VLLM):
    """A chat model, which takes its turns in the checkpoint's own chat template. It only generates.

    Args:
        max_seq_len: without it, what the checkpoint takes; a task's config names it.
        meta_template: which `api_role` (HUMAN, BOT or SYSTEM) a role of the prompts is; without it they are these.
    """

    def __init__(
        self,
        path: str,
        max_seq_len: int | None = None,
        meta_template: dict | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(path, max_seq_len or loading.longest(path), meta_template=meta_template, **settings)
        self.template_parser = APITemplateParser(meta_template or CHAT)
        if not self.tokenizer.chat_template:
            raise ValueError(f'{path}: the tokenizer has no chat template; use VLLM with a meta_template')

    def _scoring(self, tokens: list[int], **settings: Any) -> Any:
        raise NotImplementedError(f'{self.path} is asked in chats: choose data set configs that generate, or use VLLM')

    def _token_ids(self, texts: Sequence[Prompt], limit: int | None) -> list[list[int]]:
        """Of each chat up to where the answer begins; one that is too long loses its beginning."""
        spelled = [
            self.tokenizer.apply_chat_template(messages(one), add_generation_prompt=True, return_dict=True)['input_ids']
            for one in texts
        ]
        return [ids if limit is None else ids[-limit:] for ids in spelled]

    @property
    def _end_ids(self) -> list[int]:
        """The tokenizer's end and those that the checkpoint's `generation_config` adds, such as the end of a turn."""
        return [*dict.fromkeys([*super()._end_ids, *loading.end_ids(self.path)])]


def _rank(folder: str) -> dict[str, int]:
    """The smallest rank that vLLM has and the adapters fit in; its own default where they are not here."""
    file = Path(folder, 'adapter_config.json')
    if not file.is_file():
        return {}
    rank = json.loads(file.read_text(encoding='utf-8'))['r']
    return {'max_lora_rank': next((one for one in RANKS if one >= rank), rank)}
