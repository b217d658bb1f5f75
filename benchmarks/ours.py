"""How this package answers the questions of a benchmark: with all it can do, and on the plain path, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from measure import Answer
from opencompass.models import HuggingFaceCausalLM
from opencompass.utils import requests as plain
from opencompass.utils.build import build_model_from_cfg
from opencompass.utils.requests import Request
from workload import LONGEST, Question

#: Gives (position, answer) of requests as they get ready, in batches of a size where it takes batches.
Ask = Callable[[list[Request], int], Iterable[tuple[int, Any]]]


def load(folder: Path) -> HuggingFaceCausalLM:
    return build_model_from_cfg(
        {
            'type': HuggingFaceCausalLM,
            'path': str(folder),
            'max_seq_len': LONGEST,
            'model_kwargs': {'torch_dtype': 'float32', 'device_map': 'cpu'},
        }
    )


def token_ids(model: HuggingFaceCausalLM, texts: list[str]) -> list[list[int]]:
    return model.tokenizer(texts)['input_ids']


def perplexities(model: HuggingFaceCausalLM, *, is_plain: bool) -> Answer:
    """Of each question the perplexity of each text."""
    if is_plain:
        return _scores(lambda requests, size: plain.score(model, requests, size, set()), lambda context: None)
    return _scores(lambda requests, size: model.score(requests, size, set()), lambda context: None)


def likelihoods(model: HuggingFaceCausalLM) -> Answer:
    """Of each question the log-likelihood of each ending after the context."""
    losses = _scores(lambda requests, size: model.score(requests, size, set()), model.get_token_len)

    def answer(questions: Sequence[Question], size: int) -> list:
        lengths = [[len(ending.split()) for ending in question.endings] for question in questions]
        return [
            [-loss * length for loss, length in zip(*one, strict=True)]
            for one in zip(losses(questions, size), lengths, strict=True)
        ]

    return answer


def _scores(ask: Ask, mask_length: Callable[[str], int | None]) -> Answer:
    """Asked label by label, as the inferencer does."""

    def answer(questions: Sequence[Question], size: int) -> list:
        labels, count = len(questions[0].endings), len(questions)
        masks = [mask_length(question.context) for question in questions]
        requests = [
            Request(question.texts[label], group=label, mask_length=mask)
            for label in range(labels)
            for question, mask in zip(questions, masks, strict=True)
        ]
        found = dict(ask(requests, size))
        return [[found[label * count + number] for label in range(labels)] for number in range(count)]

    return answer


def answers(model: HuggingFaceCausalLM, max_out_len: int, *, is_plain: bool) -> Answer:
    """Of each question the generated text."""

    def answer(questions: Sequence[Question], size: int) -> list:
        requests = [Request(question.context) for question in questions]
        if is_plain:
            found = dict(plain.generate(model, requests, max_out_len, size, set()))
        else:
            found = dict(model.generate_stream(requests, max_out_len, size, set()))
        return [found[number] for number in range(len(requests))]

    return answer


def static_batches(model: HuggingFaceCausalLM, max_out_len: int) -> Answer:
    """Of each question the text that `generate` of transformers gives, in batches filled up at the left."""
    import torch

    tokenizer = model.tokenizer

    def answer(questions: Sequence[Question], size: int) -> list:
        found = []
        for start in range(0, len(questions), size):
            contexts = [question.context for question in questions[start : start + size]]
            rows = tokenizer(contexts, return_tensors='pt', padding=True, padding_side='left')
            with torch.inference_mode():
                output = model.model.generate(
                    input_ids=rows['input_ids'],
                    attention_mask=rows['attention_mask'],
                    max_new_tokens=max_out_len,
                    do_sample=False,
                    eos_token_id=tokenizer.eos_token_id,
                    pad_token_id=tokenizer.pad_token_id,
                )
            found += tokenizer.batch_decode(output[:, rows['input_ids'].shape[1] :], skip_special_tokens=True)
        return found

    return answer
