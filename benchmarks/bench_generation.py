"""Generates answers: this package, its plain path, transformers and two peers on the same model, prompts and threads.

    python benchmarks/bench_generation.py [--peers FOLDER] [--model-size 110m] [--json FILE]

The model is a random Llama in single precision on the CPU, made so that answers end after 3, 30 or 100 tokens.
Decoding is greedy. `bound` counts each token of the prompts' prefix tree and of the answers once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ours
from compare import Bench, bench, flags, settings
from measure import Measured
from report import Row, sameness, table, write
from tree import tree
from workload import Question, generation_tasks

MAX_OUT_LEN = 128


def main(argv: Sequence[str] | None = None) -> None:
    args = flags(__doc__, argv, questions=64)
    rows: list[Row] = []
    with bench(args) as runs:
        for name, questions in generation_tasks(args.model_size, args.questions):
            for measure, task in ((prefill, f'{name}, prompts only'), (compared, name)):
                found = measure(runs, task, questions)
                rows += found
                print(table(found), flush=True)
    if args.json:
        write(args.json, settings(args), rows)


def prefill(runs: Bench, name: str, questions: list[Question]) -> list[Row]:
    """Answers of one token: all that is forwarded are prompts."""
    bound = tree(ours.token_ids(runs.model, [question.context for question in questions])).tokens
    own = ours.answers(runs.model, 1, is_plain=False)
    size = runs.batch_size(own, questions)
    wanted = own(questions, size)

    def others() -> Iterator[tuple[str, Measured]]:
        yield 'its plain path', runs.batched(ours.answers(runs.model, 1, is_plain=True), questions)

    return runs.interleaved(
        name, bound, lambda: runs.once(own, questions, size), others(), lambda _, found: sameness(found, wanted)
    )


def compared(runs: Bench, name: str, questions: list[Question]) -> list[Row]:
    """Whole answers."""
    own = ours.answers(runs.model, MAX_OUT_LEN, is_plain=False)
    size = runs.batch_size(own, questions)
    wanted = own(questions, size)
    prompts = tree(ours.token_ids(runs.model, [question.context for question in questions])).tokens
    # A word is a token; the last token of an answer is not forwarded.
    bound = prompts + sum(min(len(text.split()), MAX_OUT_LEN - 1) for text in wanted)

    def others() -> Iterator[tuple[str, Measured]]:
        yield 'its plain path', runs.batched(ours.answers(runs.model, MAX_OUT_LEN, is_plain=True), questions)
        yield 'transformers, static batches', runs.batched(ours.static_batches(runs.model, MAX_OUT_LEN), questions)
        yield from runs.peers(questions, MAX_OUT_LEN)

    return runs.interleaved(
        name, bound, lambda: runs.once(own, questions, size), others(), lambda _, found: sameness(found, wanted)
    )


if __name__ == '__main__':
    main()
