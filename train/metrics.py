"""What a training tells of itself: share of tokens right, perplexity, speed, memory, and a picture of the losses."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from train.packing import IGNORED

#: Dense 16-bit TFLOP/s of GPUs by a word of their name, from their makers' data sheets; the longer word wins.
PEAK = {
    'V100': 125,
    'T4': 65,
    'A10': 125,
    'A30': 165,
    'A40': 150,
    'A100': 312,
    'A800': 312,
    'L4': 121,
    'L40': 181,
    'L40S': 362,
    'RTX 3090': 71,
    'RTX 4090': 165,
    'H100': 989,
    'H800': 989,
    'H20': 148,
    'H200': 989,
    'B200': 2250,
}
GIB = 2**30


def tally(predicted: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """How many learned tokens the position before predicts, and how many there are; no other position counts."""
    expected = labels[:, 1:]
    counted = expected != IGNORED
    return ((predicted[:, :-1] == expected) & counted).sum(), counted.sum()


def perplexity(loss: float) -> float:
    """e to the loss; infinite where that is no number."""
    return math.exp(loss) if loss < 700 else math.inf


def peak_flops(device: torch.device, dtype: torch.dtype) -> float | None:
    """Most floating-point operations a second of a GPU in 16 bit; of a CPU those measured of a product of matrices of
    the type that is trained in."""
    if device.type == 'cuda':
        name = torch.cuda.get_device_name(device)
        words = [word for word in PEAK if word in name]
        return PEAK[max(words, key=len)] * 1e12 if words else None
    return _measured(device, dtype) if device.type == 'cpu' else None


def _measured(device: torch.device, dtype: torch.dtype, size: int = 1024) -> float:
    one = torch.ones(size, size, device=device, dtype=dtype)
    one @ one
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        one @ one
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def peak_memory(device: torch.device) -> float:
    """GiB that this process held at most: of the GPU's memory, or of the machine's."""
    if device.type == 'cuda':
        return torch.cuda.max_memory_allocated(device) / GIB
    if sys.platform == 'win32':
        return math.nan
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == 'darwin' else 2**20)


class Meter:
    """Speed of a training since the last report, from the real tokens that were trained on."""

    def __init__(self, model: torch.nn.Module, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        """`dtype` is that in which matrices are multiplied."""
        self.device, self.peak = device, peak_flops(device, dtype)
        self.flops_per_token = flops_per_token(model)
        self.real = torch.zeros((), dtype=torch.float64, device=device)
        self.all = 0
        self.started = time.perf_counter()

    def add(self, real: torch.Tensor, positions: int) -> None:
        """Count a batch: its real tokens, and all positions. Does not wait for the device."""
        self.real += real
        self.all += positions

    def report(self, total: Any) -> dict[str, float]:
        """Figures since the last report; `total` sums a tensor over all processes."""
        counts = total(
            torch.stack([self.real, torch.tensor(float(self.all)).to(self.real), torch.ones_like(self.real)])
        )
        real, positions, processes = (float(one) for one in counts)
        now = time.perf_counter()
        seconds, self.started = now - self.started, now
        self.real.zero_()
        self.all = 0
        if not positions:
            return {}
        flops = real * self.flops_per_token / seconds / processes
        found = {
            'tokens_per_second': round(real / seconds, 1),
            'real_tokens': round(real / positions, 4),
            'tflops': round(flops / 1e12, 4),
            'peak_memory_gib': round(peak_memory(self.device), 3),
        }
        return found | ({'tflops_share': round(flops / self.peak, 4)} if self.peak else {})


def flops_per_token(model: torch.nn.Module) -> float:
    """Floating-point operations of training on a token in the products with weights, forward and backward.

    Attention and what activation checkpointing repeats do not count.
    """
    ties = getattr(model.config, 'tie_word_embeddings', False) if hasattr(model, 'config') else False
    whole = trained = 0
    for name, one in model.named_parameters():
        if one.dim() >= 2 or hasattr(one, 'ds_shape'):
            size = _size(one)
            if ('embed' in name or 'wte' in name) and not ties:
                continue
            whole += size
            trained += size * one.requires_grad
    return 4 * whole + 2 * trained


def _size(parameter: torch.nn.Parameter) -> int:
    """Numbers in a parameter, also where it is spread over processes or packed in few bits."""
    state = getattr(parameter, 'quant_state', None)
    if state is not None:
        return math.prod(state.shape)
    return int(getattr(parameter, 'ds_numel', parameter.numel()))


class LossCurve(TrainerCallback):
    """Draws loss.png into the output folder at each checkpoint and at the end."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Draw what there is so far."""
        self.draw(args, state)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Draw the whole."""
        self.draw(args, state)

    def draw(self, args: Any, state: Any) -> None:
        """Losses of training and evaluation by step."""
        if not args.should_save:
            return
        try:
            from matplotlib.figure import Figure
        except ImportError:
            if not getattr(self, '_is_told', False):
                print('No loss curve is drawn: pip install matplotlib', file=sys.stderr)
            self._is_told = True
            return
        figure = Figure(figsize=(8, 5), layout='constrained')
        axes = figure.add_subplot(xlabel='step', ylabel='loss')
        for key, label in (('loss', 'training'), ('eval_loss', 'evaluation')):
            points = [(one['step'], one[key]) for one in state.log_history if key in one]
            if points:
                axes.plot(*zip(*points, strict=True), label=label, marker='.')
        if axes.lines:
            axes.legend()
        figure.savefig(Path(args.output_dir) / 'loss.png')
