"""What 8 and 4 bit cost and save: memory, speed and perplexity of quantized weights beside those in 32 and 16 bit.

    python benchmarks/bench_quant.py [--threads 1] [--repeats 3] [--json FILE]

The model embedded in this repository reads text that was held out from its training; a random Llama of 134 million
weights shows speed and size only. All widths of a model are loaded at once and take turns, and of several runs the
quickest stands. They run on a GPU where there is one; on a CPU a second is one of processor time, which on a busy
machine tells more than the clock.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'assets')]

import nano_benchmark  # noqa: E402

from report import aligned, write  # noqa: E402
from workload import SIZES, checkpoint  # noqa: E402

NANO = ROOT / 'assets' / 'tigerbot-nano'
PLAIN = '16 bit'
#: Bits of a weight by the name of a row; None: as it is.
WIDTHS = {'32 bit': ('float32', None), PLAIN: ('bfloat16', None), '8 bit': ('bfloat16', 8), '4 bit': ('bfloat16', 4)}
#: Rows of a text, as in the few-shot lists that the model was trained on.
ROWS = 6


class Row(NamedTuple):
    """A model at one width. Speeds are tokens in a second: of a prompt, and of an answer decoded one by one."""

    task: str
    runner: str
    weight_bytes: int
    prefill: float
    decode: float
    perplexity: float | None


class Lengths(NamedTuple):
    """Tokens of a prompt and of an answer, and texts of each subject."""

    prompt: int
    answer: int
    texts: int


def main(argv: Sequence[str] | None = None) -> None:
    args = flags(argv)
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(args.threads)
    size, lengths = ('tiny', Lengths(32, 4, 2)) if args.quick else ('110m', Lengths(256, 32, 12))
    with tempfile.TemporaryDirectory() as folder:
        random_model = checkpoint(size, Path(folder))
        rows = compared('tigerbot-nano', NANO / 'base', lengths, args.repeats, held_out(lengths.texts))
        rows += compared(f'random Llama, {SIZES[size][0]} wide', random_model, lengths, args.repeats)
    if args.json:
        write(args.json, {'threads': args.threads, 'repeats': args.repeats}, rows)


def flags(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--threads', type=int, default=1, help='of torch (default: 1)')
    parser.add_argument('--repeats', type=int, default=3, help='timed runs of every row (default: 3)')
    parser.add_argument('--json', type=Path, help='file for the numbers')
    parser.add_argument('--quick', action='store_true', help='small models and few tokens, to see that it runs')
    args = parser.parse_args(argv)
    if args.quick:
        args.repeats = 1
    return args


def held_out(texts: int) -> list[str]:
    """Few-shot lists of benchmark rows; none of them stands in the training text. So many lists of each subject."""
    subjects = [*nano_benchmark.CHOICE, *nano_benchmark.OPEN, nano_benchmark.CLAIMS]
    found = []
    for subject in subjects:
        rows = nano_benchmark.read(NANO / 'benchmark', f'{subject}_test')[: ROWS * texts]
        said = [f'{nano_benchmark.prompt(row, subject)} {nano_benchmark.answer(row, subject)}' for row in rows]
        found += ['\n'.join(said[start : start + ROWS]) for start in range(0, len(said), ROWS)]
    return found


def compared(task: str, folder: Path, lengths: Lengths, repeats: int, texts: Sequence[str] = ()) -> list[Row]:
    """A model at all widths, side by side, as rows and as a printed table."""
    from utils.quantization import weight_bytes

    loaded = {name: load(folder, *width) for name, width in WIDTHS.items()}
    speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in loaded}
    for _ in range(repeats + 1):
        for name, (model, _, _) in loaded.items():
            speeds[name].append(speed(model, lengths))
    rows = []
    for name, (model, tokenizer, _) in loaded.items():
        # The first run warms up; of others the programs of the machine only ever make one slower.
        prefill, decode = (max(run[part] for run in speeds[name][1:]) for part in (0, 1))
        found = perplexity(model, tokenizer, texts) if texts else None
        rows.append(Row(task, name, weight_bytes(model), prefill, decode, found))
    print(table(rows), flush=True)
    return rows


def load(folder: Path, dtype: str, wbit: int | None) -> Any:
    """Model, tokenizer and generation settings."""
    from utils.modeling_hack import get_model
    from utils.quantization import get_quantized

    return get_model(str(folder), dtype=dtype) if wbit is None else get_quantized(str(folder), wbit=wbit, dtype=dtype)


def speed(model: Any, lengths: Lengths) -> tuple[float, float]:
    """Tokens in a second, of a prompt and of an answer."""
    import torch

    ids = torch.arange(lengths.prompt, device=model.device)[None] % model.config.vocab_size

    def generate(tokens: int) -> None:
        model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False
        )

    first, whole = seconds(lambda: generate(1)), seconds(lambda: generate(1 + lengths.answer))
    return lengths.prompt / first, lengths.answer / max(whole - first, 1e-9)


def seconds(run: Callable[[], None]) -> float:
    """By the clock on a GPU, else of the processor."""
    import torch

    on_gpu = torch.cuda.is_available()
    clock = time.perf_counter if on_gpu else time.process_time
    start = clock()
    run()
    if on_gpu:
        torch.cuda.synchronize()
    return clock() - start


def perplexity(model: Any, tokenizer: Any, texts: Sequence[str]) -> float:
    """Exponential of the mean loss of all tokens but the first of each text."""
    import torch

    losses, tokens = 0.0, 0
    with torch.inference_mode():
        for text in texts:
            ids = torch.tensor([tokenizer(text)['input_ids']], device=model.device)
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
            losses += torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction='sum').item()
            tokens += ids.shape[1] - 1
    return float(torch.tensor(losses / tokens).exp())


def table(rows: list[Row]) -> str:
    """The rows of a model, and how many times those of 16 bit they are."""
    plain = next(one for one in rows if one.runner == PLAIN)
    head = ['', 'MB', 'x 16 bit', 'prefill tok/s', 'x 16 bit', 'decode tok/s', 'x 16 bit', 'perplexity', 'x 16 bit']

    def cells(one: Row) -> Iterator[str]:
        yield one.runner
        for digits, scale, name in ((2, 1e6, 'weight_bytes'), (0, 1, 'prefill'), (1, 1, 'decode')):
            value, other = getattr(one, name), getattr(plain, name)
            yield from (f'{value / scale:,.{digits}f}', f'{value / other:.2f}')
        is_read = one.perplexity is not None and plain.perplexity is not None
        yield from (f'{one.perplexity:.4f}', f'{one.perplexity / plain.perplexity:.4f}') if is_read else ('-', '-')

    return f'{plain.task}\n{aligned([head, *map(list, map(cells, rows))])}'


if __name__ == '__main__':
    main()
