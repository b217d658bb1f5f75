"""What is measured of us and of every peer in the same way: tokens forwarded, padding, seconds. Needs torch only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
#: Bytes of a batch's logits in single precision beyond which a batch size is not tried: programs hold several copies.
LOGITS = 2**31
#: Fewest questions on which a batch size is tried, and how much slower than the best one ends the search.
SAMPLE, WORSE = 2, 1.15

#: A context, and the endings that are scored after it (none where an answer is generated).
Question = Sequence[Any]
#: Answers questions in batches of a size.
Answer = Callable[[Sequence[Question], int], list]


class Measured(NamedTuple):
    """Runs of the same work: what they gave, the seconds of each (by the clock, and of all processor cores together),
    and of one the tokens that went through the model, those of padding among them."""

    answers: list
    batch_size: int | None
    seconds: list[float]
    cpu_seconds: list[float]
    forwarded: int
    padding: int


def measured(
    answer: Answer, questions: Sequence[Question], size: int | None, embedding: Any, repeats: int = 1
) -> Measured:
    """Timed runs of a model, watched at its input embeddings."""
    seconds, cpu_seconds = [], []
    with counting(embedding) as count:
        for _ in range(repeats):
            start, cpu_start = time.perf_counter(), time.process_time()
            answers = answer(questions, size or 1)
            seconds.append(time.perf_counter() - start)
            cpu_seconds.append(time.process_time() - cpu_start)
    return Measured(answers, size, seconds, cpu_seconds, sum(count['all']) // repeats, sum(count['padding']) // repeats)


@contextmanager
def counting(embedding: Any, pad_id: int = 0) -> Iterator[dict[str, list[int]]]:
    """The number of token ids in each call of the embeddings, and of those that are padding."""
    count: dict[str, list[int]] = {'all': [], 'padding': []}

    def watch(module: Any, inputs: tuple) -> None:
        count['all'].append(inputs[0].numel())
        count['padding'].append(int((inputs[0] == pad_id).sum()))

    hook = embedding.register_forward_pre_hook(watch)
    try:
        yield count
    finally:
        hook.remove()


def best_batch(
    answer: Answer, questions: Sequence[Question], vocabulary: int, sizes: Sequence[int] = BATCH_SIZES
) -> int:
    """The batch size that takes least seconds a question. Larger ones are tried until one is clearly worse, or its
    logits would not fit into memory."""
    if len(sizes) == 1:
        return sizes[0]
    answer(questions[:1], 1)  # warm up
    tokens = max(len(' '.join([question[0], *question[1][:1]]).split()) + 1 for question in questions)
    cost: dict[int, float] = {}
    for size in sizes:
        part = questions[: max(size, SAMPLE)]
        if size > 1 and (size * tokens * vocabulary * 4 > LOGITS or size > len(questions)):
            break
        start = time.perf_counter()
        answer(part, size)
        cost[size] = (time.perf_counter() - start) / len(part)
        if cost[size] > WORSE * min(cost.values()):
            break
    return min(cost, key=cost.__getitem__)
