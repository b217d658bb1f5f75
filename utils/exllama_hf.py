"""EXL2 models behind the `generate` of transformers, with all that it can do."""

from __future__ import annotations

import argparse
from itertools import takewhile
from typing import Any

import torch
from transformers import GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

from .exllama import Engine, load
from .reply import Reply


class ExllamaForCausalLM(PreTrainedModel, GenerationMixin):
    """One text at a time. Only tokens that differ from those of the last call go through the model.

    So the turns of a conversation cost what is new in them, whatever `generate` hands over at each step.
    """

    def __init__(self, config: PreTrainedConfig, engine: Engine) -> None:
        super().__init__(config)
        self.engine = engine
        #: Tokens whose keys and values are in the cache.
        self.cached: list[int] = []

    @property
    def device(self) -> torch.device:
        """Where tokens are given and logits come out; the weights are where exllamav2 has put them."""
        return torch.device('cpu')

    def prepare_inputs_for_generation(self, input_ids: Any, *_: Any, **kwargs: Any) -> dict[str, Any]:
        """All tokens so far. `generate` finds by the name `kwargs` that it may hand over more."""
        return {'input_ids': input_ids}

    def forward(self, input_ids: torch.Tensor, attention_mask: Any = None, **_: Any) -> CausalLMOutput:
        """The logits after the last token."""
        if len(input_ids) != 1:
            raise ValueError(f'an EXL2 model reads one text at a time, without beams, not {len(input_ids)}')
        ids = input_ids[0].tolist()
        with self.engine.lock:
            kept = common(self.cached, ids[:-1])
            self.cached = ids[:kept]
            self.engine.cache.current_seq_len = kept
            logits = self.engine.model.forward(input_ids[:, kept:].cpu(), self.engine.cache, last_id_only=True)
            self.cached = ids
        return CausalLMOutput(logits=logits[..., : self.config.get_text_config().vocab_size].float().cpu())


def common(first: list[int], second: list[int]) -> int:
    """Tokens with which both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def load_hf_reply(model_path: str, asked: argparse.Namespace, **usual: object) -> Reply:
    """As `utils.exllama.load_reply`, by the `generate` of transformers."""
    engine, own = load(model_path, asked, **usual)
    # The keys and values are those of exllamav2; this is about a cache of transformers.
    own.generation_config.use_cache = False
    model: Any = ExllamaForCausalLM(own.config, engine)
    return Reply(
        model,
        own.tokenizer,
        own.generation_config,
        own.chat_format,
        asked.max_input_length,
        seed=asked.seed,
    )
