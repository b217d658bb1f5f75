"""Models quantized to EXL2 or GPTQ, run by exllamav2 on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import MODELS
from ..utils.optional import optional
from . import _loading as loading
from .huggingface import HuggingFace

if TYPE_CHECKING:
    import torch


@MODELS.register_module()
class ExllamaCausalLM(HuggingFace):
    """`HuggingFace` with the kernels of exllamav2, which need a CUDA GPU. Texts go through one at a time; of
    `model_kwargs` only `device_map` is known, and all GPUs that are visible are used."""

    #: Nothing of transformers: exllamav2 takes no mask that a tree of texts would need.
    _trie = None

    def _load_model(self, path: str, cache_dir: str | None, kwargs: dict, peft_path: str | None) -> Any:
        import torch

        unknown = sorted(set(kwargs) - {'device_map'})
        if unknown or peft_path is not None:
            raise ValueError(f'{path}: ExllamaCausalLM takes no {", ".join(unknown) or "peft_path"}')
        if not torch.cuda.is_available():
            raise RuntimeError(
                f'{path}: ExllamaCausalLM needs a CUDA GPU, and torch sees none; use HuggingFaceCausalLM'
            )
        library = optional('exllamav2', 'exllamav2', 'ExllamaCausalLM')
        config = library.ExLlamaV2Config(loading.checkpoint(path))
        config.max_seq_len = self.max_seq_len
        model = library.ExLlamaV2(config)
        self.cache = library.ExLlamaV2Cache(model, max_seq_len=self.max_seq_len, lazy=True)
        model.load_autosplit(self.cache)
        return model

    def get_logits(self, inputs: list[str], mask_length: list[int] | None = None) -> tuple[torch.Tensor, dict]:
        """As in `HuggingFace`; `mask_length` changes nothing."""
        return super().get_logits(inputs)

    def _logits(self, ids: list[list[int]]) -> torch.Tensor:
        import torch

        found = [self._forward(one, start=0)[0] for one in ids]
        return torch.nn.utils.rnn.pad_sequence(found, batch_first=True)

    def _decoded(self, ids: list[list[int]], max_out_len: int) -> list[list[int]]:
        if self.generation_kwargs:
            raise ValueError(f'{self.path}: ExllamaCausalLM decodes greedily and takes no generation_kwargs')
        with self._evaluating():
            return [self._greedy(one, max_out_len) for one in ids]

    def _greedy(self, ids: list[int], max_out_len: int) -> list[int]:
        """The likeliest tokens after a prompt, one by one, up to and without the end token."""
        found: list[int] = []
        new, ends = ids, set(self._end_ids)
        while len(found) < max_out_len:
            start = len(ids) + len(found) - len(new)
            token = int(self._forward(new, start, last_id_only=True)[0, -1].argmax())
            if token in ends:
                break
            found.append(token)
            new = [token]
        return found

    def _forward(self, ids: list[int], start: int, **settings: Any) -> torch.Tensor:
        """Logits [1, tokens, vocabulary] after the first `start` tokens that are in the cache."""
        import torch

        self.cache.current_seq_len = start
        return self.model.forward(torch.tensor([ids]), self.cache, **settings)
