"""What is measured of us and of every peer in the same way: tokens forwarded, padding, seconds. Needs torch only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
#: Bytes of a batch's logits in single precision beyond which a batch size is not tried: programs hold several copies.
LOGITS = 2**31
#: How much slower than the best batch size one has to be to end the search.
WORSE = 1.15

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
    """The batch size with which a few questions take least processor time, which other programs disturb less than the
    clock. Larger ones are tried until one is clearly worse, or needs too much memory or more questions than there are.
    """
    if len(sizes) == 1:
        return sizes[0]
    most = max(1, min(len(questions), LOGITS // logits_bytes(questions, vocabulary)))
    few = questions[: max(size for size in sizes if size <= most)]
    answer(few[:1], 1)  # warm up
    cost: dict[int, float] = {}
    for size in (size for size in sizes if size <= most):
        start = time.process_time()
        answer(few, size)
        cost[size] = time.process_time() - start
        if cost[size] > WORSE * min(cost.values()):
            break
    return min(cost, key=cost.__getitem__)


def logits_bytes(questions: Sequence[Question], vocabulary: int) -> int:
    """Of the logits of a row of a batch: a text's tokens are words and one more. Generating takes a token's only."""
    tokens = max(
        (len(f'{context}{ending}'.split()) + 1 for context, endings in questions for ending in endings), default=1
    )
    return 4 * tokens * vocabulary
