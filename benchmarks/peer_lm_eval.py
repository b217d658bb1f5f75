"""Answers a job with lm-eval: each ending's log-likelihood after its context, or the text generated after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from measure import Answer, Question
from peer import Job, serve


def load(job: Job) -> tuple[Any, Answer]:
    lm = HFLM(pretrained=job.model, device='cpu', dtype='float32', max_length=job.longest, add_bos_token=True)

    def ask(kind: str, arguments: list[tuple], size: int) -> list:
        lm.batch_size_per_gpu = size
        instances = [
            Instance(request_type=kind, doc={}, arguments=one, idx=number, metadata=('made', number, 1))
            for number, one in enumerate(arguments)
        ]
        return getattr(lm, kind)(instances, disable_tqdm=True)

    def likelihoods(questions: Sequence[Question], size: int) -> list:
        pairs = [(context, ending) for context, endings in questions for ending in endings]
        found = iter(ask('loglikelihood', pairs, size))
        return [[next(found)[0] for _ in endings] for _, endings in questions]

    def texts(questions: Sequence[Question], size: int) -> list:
        asked = {'until': [], 'max_gen_toks': job.max_out_len, 'do_sample': False}
        return ask('generate_until', [(context, asked) for context, _ in questions], size)

    return lm.model, likelihoods if job.is_scoring else texts


if __name__ == '__main__':
    serve('lm_eval', load)
