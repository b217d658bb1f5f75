"""Examples with which a language model is surest of its answer."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...registry import ICL_PROMPT_TEMPLATES, ICL_RETRIEVERS
from ...utils.paths import find_local
from ...utils.prompt import PromptError
from ..icl_prompt_template import PromptTemplate
from .icl_topk_retriever import TopkRetriever

if TYPE_CHECKING:
    from ...datasets.base import BaseDataset


@ICL_RETRIEVERS.register_module()
class MDLRetriever(TopkRetriever):
    """Tries several choices among the nearest examples and takes that with which the labels' likelihoods have the least
    entropy: the shortest description of the answer (Wu et al. 2023, "Self-Adaptive In-Context Learning",
    arXiv:2212.10375).

    Args:
        candidate_num: how many nearest examples are looked at.
        select_time: choices that are compared; the first are the nearest examples.
        ce_model_name: name or folder of the language model.
        ice_template: how an example is written, keyed by label.
        prompt_template: how the question is written, if otherwise.
        labels: the answers that are compared, else the template's.
        seed: of the choices.
    """

    def __init__(
        self,
        dataset: BaseDataset,
        *args: Any,
        candidate_num: int = 1,
        ce_model_name: str = 'gpt2-xl',
        select_time: int = 5,
        ice_template: Any = None,
        prompt_template: Any = None,
        labels: list | None = None,
        seed: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(dataset, *args, **kwargs)
        self.ce_model_name = ce_model_name
        self.candidate_num = candidate_num
        self.select_time = select_time
        self.ice_template = _built(ice_template)
        self.prompt_template = _built(prompt_template)
        self.labels = labels
        self.seed = seed

    def retrieve(self) -> list[list[int]]:
        """`ice_num` numbers for each test row."""
        if self.ice_template is None:
            raise PromptError('MDLRetriever needs an ice_template: with it the examples are written that it compares')
        near = self.nearest(self.candidate_num)
        places = self.drawn(self.seed, lambda draw: self._places(draw, near.shape[1]))
        return [
            min((row[place].tolist() for place in choices), key=partial(self._entropy, index))
            for index, (row, choices) in enumerate(zip(near, places, strict=True))
        ]

    def _places(self, draw: np.random.RandomState, candidates: int) -> list[np.ndarray]:
        """Which of the candidates are tried together."""
        size = min(self.ice_num, candidates)
        return [
            np.arange(size),
            *(draw.choice(candidates, size, replace=False) for _ in range(self.select_time - 1)),
        ]

    def _entropy(self, index: int, choice: list[int]) -> float:
        """Of the labels' probabilities, given these examples, in nats."""
        examples = self.generate_ice(choice, ice_template=self.ice_template)
        labels = self.get_labels(self.ice_template, self.prompt_template) if self.labels is None else self.labels
        prompts = [
            str(self.generate_label_prompt(index, examples, label, self.ice_template, self.prompt_template))
            for label in labels
        ]
        skipped = len(self._tokenizer(f'{examples}{self.ice_eos_token}')['input_ids'])
        likelihoods = np.exp([-self._loss(prompt, skipped) for prompt in prompts])
        shares = likelihoods / likelihoods.sum()
        return float(-np.sum(shares * np.log(shares)))

    def _loss(self, text: str, skipped: int) -> float:
        """Mean loss of the tokens of a text, the first `skipped` left out."""
        import torch

        ids = torch.tensor([self._tokenizer(text)['input_ids']], device=self._model.device)
        with torch.inference_mode():
            logits = self._model(input_ids=ids).logits[0, :-1].double()
        losses = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction='none')
        # The first token that is not skipped counts in the number and not in the sum: published choices are made so.
        return float(losses[skipped:].sum()) / max(ids.shape[1] - skipped, 1)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self._path)

    @cached_property
    def _model(self) -> Any:
        from transformers import AutoModelForCausalLM

        return AutoModelForCausalLM.from_pretrained(self._path, device_map='auto').eval()

    @property
    def _path(self) -> str:
        return str(find_local(self.ce_model_name) or self.ce_model_name)


def _built(template: Any) -> PromptTemplate | None:
    """A template, also from its config."""
    return ICL_PROMPT_TEMPLATES.build(template) if isinstance(template, dict) else template
