"""Make the demo model tigerbot-nano (tokenizer, base and chat variant, benchmark) on a CPU from text it generates
itself.

    python assets/make_nano.py                                   # the committed model: about 8 minutes on two cores
    python assets/make_nano.py --steps 8 --out /tmp/nano         # a toy of the same shape, untrained for any purpose
    python assets/make_nano.py --measure                         # accuracy of the model in --out, nothing is made

Needs torch, transformers and sentencepiece. With one seed the benchmark, the tokenizer and the training text are the
same everywhere; weights differ in the last digits between processors and numbers of threads.
"""

from __future__ import annotations

import argparse
import itertools
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import nano_benchmark
import nano_measure
import nano_train
from nano_data import CHAT_PROMPT, base_documents, chat_documents
from nano_tokenizer import check_choices, load_pieces, save_tokenizer, train_pieces

if TYPE_CHECKING:
    import sentencepiece
    from transformers import LlamaForCausalLM

OUT = Path(__file__).resolve().parent / 'tigerbot-nano'
PIECES = 1536
TOKENIZER_DOCUMENTS = 4000
BASE_STEPS = {'short': 1500, 'long': 700}
CHAT_STEPS = 500
ALL_STEPS = sum(BASE_STEPS.values()) + CHAT_STEPS
BASE_RATE, CHAT_RATE = 4e-3, 1.5e-3
BATCH = {'short': 48, 'long': 12, 'chat': 24}
logger = logging.getLogger('make_nano')


def flags() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=OUT, help='folder for base, chat and benchmark (%(default)s)')
    parser.add_argument('--seed', type=int, default=0, help='seed of text, benchmark and weights (%(default)s)')
    parser.add_argument(
        '--steps', type=int, default=ALL_STEPS, help='training steps of both variants together (%(default)s)'
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


def save(model: LlamaForCausalLM, pieces: bytes, folder: Path) -> None:
    """Write weights in bfloat16, tokenizer and a greedy generation config."""
    import copy

    import torch
    from transformers import GenerationConfig

    stored = copy.deepcopy(model).to(torch.bfloat16)
    stored.generation_config = GenerationConfig(
        do_sample=False, bos_token_id=1, eos_token_id=2, pad_token_id=0, max_new_tokens=64
    )
    stored.save_pretrained(folder)
    save_tokenizer(pieces, folder)


def base_stages(pieces: sentencepiece.SentencePieceProcessor, seed: int, steps: int) -> list[nano_train.Stage]:
    """Single questions first, then few-shot lists: `steps` in all, shared out as BASE_STEPS are."""
    counts = {stage: steps * share // sum(BASE_STEPS.values()) for stage, share in BASE_STEPS.items()}
    counts['short'] += steps - sum(counts.values())
    return [
        nano_train.Stage(
            (nano_train.encode_base(document, pieces) for document in base_documents(seed, stage)), BATCH[stage], count
        )
        for stage, count in counts.items()
    ]


def make(out: Path, seed: int, steps: int) -> None:
    """Write benchmark, tokenizer and both variants."""
    nano_benchmark.write(out / 'benchmark', seed)
    model_file = make_tokenizer(seed)
    pieces = load_pieces(model_file)
    check_choices(pieces, ('Yes', 'No'))
    chat_steps = max(1, steps * CHAT_STEPS // ALL_STEPS)
    model = nano_train.new_model(pieces.get_piece_size(), seed)
    logger.info('base: %d parameters', model.num_parameters())
    nano_train.train(model, base_stages(pieces, seed, steps - chat_steps), BASE_RATE, seed)
    save(model, model_file, out / 'base')
    logger.info('chat')
    chats = (nano_train.encode_chat(document, pieces) for document in chat_documents(seed))
    nano_train.train(model, [nano_train.Stage(chats, BATCH['chat'], chat_steps)], CHAT_RATE, seed)
    save(model, model_file, out / 'chat')


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
    if arguments.steps < 2:
        raise SystemExit(f'--steps {arguments.steps}: expected 2 or more, one for each variant')
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    import torch

    torch.set_num_threads(arguments.threads)
    if not arguments.measure:
        make(arguments.out, arguments.seed, arguments.steps)
    if arguments.measure or not arguments.no_measure:
        print_table(arguments.out)


if __name__ == '__main__':
    main()
