"""The process of a peer: reads a job, answers it as its driver does, and writes what it gave and what that took."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from measure import Answer, best_batch, measured


class Job(NamedTuple):
    """`questions` are contexts with the endings to score after them, or with none and an answer of at most
    `max_out_len` tokens to generate. All their texts fit into `longest` tokens."""

    model: str
    threads: int
    longest: int
    questions: list[tuple[str, list[str]]]
    max_out_len: int
    repeats: int

    @property
    def is_scoring(self) -> bool:
        return bool(self.questions[0][1])


def serve(package: str, load: Callable[[Job], tuple[Any, Answer]]) -> None:
    """Command line `JOB RESULT`, two JSON files. `load` gives the model of transformers, and what answers questions
    with it."""
    source, target = map(Path, sys.argv[1:])
    job = Job(**json.loads(source.read_text(encoding='utf-8')))
    import torch

    torch.set_num_threads(job.threads)
    model, answer = load(job)
    size = best_batch(answer, job.questions, model.config.vocab_size)
    found = measured(answer, job.questions, size, model.get_input_embeddings(), job.repeats)
    target.write_text(json.dumps({**found._asdict(), 'release': version(package)}), encoding='utf-8')
