"""Scores answers to choose from: this package, its plain path and two peers on the same model, prompts and threads.

    python benchmarks/bench_scoring.py [--peers FOLDER] [--model-size 110m] [--json FILE]

The model is a random Llama in single precision on the CPU. lm-eval scores an ending after its context, all others the
whole text; this package is asked both, and each peer is compared with the score that is defined as its own is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ours
from compare import Bench, bench, flags, settings
from flops import Rate, matmul_rate, operations
from measure import Measured
from report import OURS, Row, closeness, table, write
from tree import Tree, tree
from workload import Question, scoring_tasks


def main(argv: Sequence[str] | None = None) -> None:
    args = flags(__doc__, argv, questions=80)
    rows: list[Row] = []
    shares: dict[str, float] = {}
    with bench(args) as runs:
        for name, questions in scoring_tasks(args.model_size, args.questions):
            needed = tree(ours.token_ids(runs.model, [text for question in questions for text in question.texts]))
            found, rate = compared(runs, name, questions, needed)
            rows += found
            own = next(one for one in found if one.runner == OURS)
            done = operations(runs.config, own.forwarded, needed) / own.seconds
            shares[name] = done / rate.sustained
            print(table(found))
            print(f'{shares[name]:.0%} of the {rate.sustained / 1e9:.0f} GFLOP/s that matrix products keep up,')
            print(f'{done / rate.best:.0%} of the {rate.best / 1e9:.0f} GFLOP/s of the quickest one\n', flush=True)
    if args.json:
        write(args.json, {**settings(args), 'shares': shares}, rows)


def compared(runs: Bench, name: str, questions: list[Question], needed: Tree) -> tuple[list[Row], Rate]:
    """The rows of a task, and the rate of matrix products before, between and after its runs: what they keep up on
    average, and the quickest."""
    whole = ours.perplexities(runs.model, is_plain=False)
    whole(questions[:1], 1)  # warm up
    scores = whole(questions, 1)
    endings = ours.likelihoods(runs.model)(questions, 1)
    rates = [matmul_rate(runs.config)]

    def run() -> Measured:
        found = runs.once(whole, questions)
        rates.append(matmul_rate(runs.config))
        return found

    def others() -> Iterator[tuple[str, Measured]]:
        yield 'its plain path', runs.batched(ours.perplexities(runs.model, is_plain=True), questions)
        yield from runs.peers(questions)

    def agreement(runner: str, answers: list) -> str:
        return closeness(answers, endings if runner.startswith('lm-eval') else scores)

    rows = runs.interleaved(name, needed.tokens, run, others(), agreement)
    return rows, Rate(sum(one.sustained for one in rates) / len(rates), max(one.best for one in rates))


if __name__ == '__main__':
    main()
