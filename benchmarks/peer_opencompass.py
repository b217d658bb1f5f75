"""Answers a job with OpenCompass: each text's perplexity, asked label by label as its inferencer does, or the text
generated after a context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from measure import Answer, Question
from opencompass.models import HuggingFaceCausalLM
from peer import Job, serve


def load(job: Job) -> tuple[Any, Answer]:
    model = HuggingFaceCausalLM(
        path=job.model,
        tokenizer_kwargs={'padding_side': 'left', 'truncation_side': 'left'},
        max_seq_len=job.longest,
        model_kwargs={'device_map': 'cpu', 'torch_dtype': 'float32'},
        batch_padding=True,
    )

    def perplexities(questions: Sequence[Question], size: int) -> list:
        labels = []
        for label in range(len(questions[0][1])):
            texts = [context + endings[label] for context, endings in questions]
            labels.append([float(one) for part in parts(texts, size) for one in model.get_ppl(part)])
        return [list(one) for one in zip(*labels, strict=True)]

    def texts(questions: Sequence[Question], size: int) -> list:
        contexts = [context for context, _ in questions]
        return [one for part in parts(contexts, size) for one in model.generate(part, max_out_len=job.max_out_len)]

    return model.model, perplexities if job.is_scoring else texts


def parts(texts: list[str], size: int) -> list[list[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


if __name__ == '__main__':
    serve('opencompass', load)
