"""Make the demo model tigerbot-nano (tokenizer, base and chat variant, benchmark) on a CPU from text it generates
itself. It is trained by the scripts in train/, whose commands are printed.

    python assets/make_nano.py                    # everything anew, into assets/tigerbot-nano
    python assets/make_nano.py --steps 8 --out /tmp/nano --work /tmp/nano/work    # a toy of the same shape
    python assets/make_nano.py --measure          # accuracy of the model in --out, nothing is made

Needs torch, transformers, datasets and sentencepiece. With one seed the benchmark, the tokenizer and the training text
are the same everywhere; weights differ in the last digits between processors and numbers of threads.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import nano_benchmark
import nano_measure
import nano_start
import nano_train
from nano_data import CHAT_PROMPT, base_documents, chat_documents
from nano_tokenizer import check_choices, load_pieces, train_pieces

OUT = Path(__file__).resolve().parent / 'tigerbot-nano'
WORK = OUT.parent.parent / 'outputs' / 'nano'
PIECES = 1536
TOKENIZER_DOCUMENTS = 4000
#: The run that ends with each variant.
VARIANTS = {'base': 'long', 'chat': 'chat'}


def flags() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=OUT, help='folder for base, chat and benchmark (%(default)s)')
    parser.add_argument('--seed', type=int, default=0, help='seed of text, benchmark and weights (%(default)s)')
    parser.add_argument('--work', type=Path, default=WORK, help='folder for training texts and the runs (%(default)s)')
    parser.add_argument(
        '--steps', type=int, help='training steps of all runs together, for a toy; the committed model if left out'
    )
    parser.add_argument('--threads', type=int, default=2, help='processor threads (%(default)s)')
    parser.add_argument('--no-measure', action='store_true', help='make the model without measuring it')
    parser.add_argument('--measure', action='store_true', help='only print the accuracy of the model in --out')
    return parser.parse_args()


def make_tokenizer(seed: int) -> bytes:
    """A SentencePiece model learned from the first documents of both kinds."""
    texts = [
        '\n'.join(row.text for row in document)
        for document in itertools.islice(base_documents(seed, 'long'), TOKENIZER_DOCUMENTS)
    ]
    texts += [
        ''.join(CHAT_PROMPT.format(row.prompt) + row.answer for row in document)
        for document in itertools.islice(chat_documents(seed), TOKENIZER_DOCUMENTS)
    ]
    return train_pieces(texts, PIECES)


def make(out: Path, work: Path, seed: int, steps: int | None, threads: int) -> None:
    """Write benchmark and both variants; texts, the untrained model and each run stay in `work`."""
    nano_benchmark.write(out / 'benchmark', seed)
    model_file = make_tokenizer(seed)
    pieces = load_pieces(model_file)
    check_choices(pieces, ('Yes', 'No'))
    size = nano_start.write_start(work / nano_train.START, model_file, pieces.get_piece_size(), seed)
    print(f'{size} parameters')
    nano_train.train(nano_train.stages(steps), work, seed, threads)
    for variant, stage in VARIANTS.items():
        nano_train.copy_checkpoint(work / stage, out / variant)


def print_table(out: Path) -> None:
    """Print the accuracy of both variants as a table in Markdown."""
    found = {variant: nano_measure.measure(out / variant, out / 'benchmark') for variant in ('base', 'chat')}
    print('| subject | how | chance | base | chat |\n|---|---|---|---|---|')
    for subject in nano_measure.SUBJECTS:
        base, chat = (found[variant][f'{subject.name} {subject.method}'] for variant in ('base', 'chat'))
        print(f'| {subject.name} | {subject.method} | {subject.chance:.0%} | {base:.0%} | {chat:.0%} |')


def main() -> None:
    """Make the model, or measure it."""
    arguments = flags()
    if not arguments.measure:
        make(arguments.out, arguments.work.resolve(), arguments.seed, arguments.steps, arguments.threads)
    if arguments.measure or not arguments.no_measure:
        import torch

        torch.set_num_threads(arguments.threads)
        print_table(arguments.out)


if __name__ == '__main__':
    main()
