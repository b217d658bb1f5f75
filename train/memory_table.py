"""How many GPUs a training run needs, as a Markdown table.

    python train/memory_table.py
    python train/memory_table.py --batch 1 --max_length 4096

The numbers are computed, not measured: each formula names its source. They hold for one sequence length and batch per
GPU, 16-bit training with AdamW, gradient checkpointing and flash attention.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

GIB = 2**30
#: Sizes in which GPUs are put together: within a machine, then machines of eight.
COUNTS = (1, 2, 4, 8, 16, 32, 64)
#: GiB that a card of so many GB has for programs.
CARDS = {80: 79.0, 24: 23.5}
#: Of every card, for the CUDA context, communication buffers and fragmentation. An assumption, not a formula.
RESERVE = 2 * GIB
#: `stage3_max_live_parameters` in ds_config/: so many weights are gathered on each GPU at a time.
LIVE = 10**9
LORA_R = 64


class Shape(NamedTuple):
    """A Llama model. The vocabulary is about that of TigerBot's tokenizers."""

    name: str
    hidden: int
    layers: int
    intermediate: int
    heads: int
    kv_heads: int
    vocabulary: int = 60512

    @property
    def key_width(self) -> int:
        return self.hidden // self.heads * self.kv_heads

    @property
    def linears(self) -> list[tuple[int, int]]:
        """Inputs and outputs of the linear maps of one layer: q, k, v, o, gate, up, down."""
        h, k, f = self.hidden, self.key_width, self.intermediate
        return [(h, h), (h, k), (h, k), (h, h), (h, f), (h, f), (f, h)]

    @property
    def layer(self) -> int:
        """Weights of the linear maps of one layer."""
        return sum(inputs * outputs for inputs, outputs in self.linears)

    @property
    def rest(self) -> int:
        """Weights of embeddings, output layer and norms."""
        return 2 * self.vocabulary * self.hidden + (2 * self.layers + 1) * self.hidden

    @property
    def weights(self) -> int:
        return self.layers * self.layer + self.rest

    @property
    def adapters(self) -> int:
        """Weights of LoRA on every linear map of the layers: r x inputs and outputs x r for each."""
        return self.layers * LORA_R * sum(inputs + outputs for inputs, outputs in self.linears)


SHAPES = (
    Shape('7B', 4096, 32, 11008, 32, 32),
    Shape('13B', 5120, 40, 13824, 40, 40),
    Shape('70B', 8192, 80, 28672, 64, 8),
)


def activations(shape: Shape, tokens: int, parts: int = 1) -> float:
    """Bytes kept for the backward pass of so many tokens, with layers spread over so many GPUs.

    Each layer keeps its 16-bit input; what it computes inside is computed anew, one layer at a time
    (https://arxiv.org/abs/1604.06174). Inside a layer, counted as in https://arxiv.org/abs/2205.05198 with flash
    attention: two norms with their float32 copy (6 bytes x hidden each), the inputs of the attention and of the MLP,
    queries, and attention output (2 each), keys and values, and the four products of the MLP. Of a token's logits
    there are the 16-bit ones and their gradient, the float32 copy, its log-softmax and its gradient.
    """
    inputs = 2 * shape.hidden * shape.layers / parts
    inside = 20 * shape.hidden + 4 * shape.key_width + 8 * shape.intermediate
    return tokens * (inputs + inside + 16 * shape.vocabulary)


def gathered(shape: Shape) -> float:
    """Bytes of ZeRO-3's working set: the weights that are whole at a time and the gradients of one layer.

    https://arxiv.org/abs/2104.07857, section 3; https://www.deepspeed.ai/docs/config-json/ for how many weights.
    """
    return 2 * min(shape.weights, LIVE) + 2 * max(shape.layer, shape.vocabulary * shape.hidden)


class Need(NamedTuple):
    """Bytes on each GPU, and in the main memory of all machines together."""

    gpu: float
    main: float = 0.0


def zero2(shape: Shape, count: int, tokens: int) -> Need:
    """Whole 16-bit weights; a share of 16-bit gradients (2) and float32 weights, mean and variance (12 bytes).

    https://arxiv.org/abs/1910.02054, section 5.
    """
    return Need(2 * shape.weights + 14 * shape.weights / count + activations(shape, tokens))


def zero2_offload(shape: Shape, count: int, tokens: int) -> Need:
    """Whole 16-bit weights and a layer's gradients on their way to main memory; the rest of ZeRO-2 lies there.

    https://arxiv.org/abs/2101.06840, section 4.
    """
    moving = 2 * max(shape.layer, shape.vocabulary * shape.hidden)
    return Need(2 * shape.weights + moving + activations(shape, tokens), 14 * shape.weights)


def zero3(shape: Shape, count: int, tokens: int) -> Need:
    """A share of all 16 bytes of each weight, and the working set. https://arxiv.org/abs/1910.02054, section 5."""
    return Need(16 * shape.weights / count + gathered(shape) + activations(shape, tokens))


def zero3_offload(shape: Shape, count: int, tokens: int) -> Need:
    """The working set; all 16 bytes of each weight lie in main memory. https://arxiv.org/abs/2104.07857, section 5."""
    return Need(gathered(shape) + activations(shape, tokens), 16 * shape.weights)


def spread(shape: Shape, frozen: float, count: int, tokens: int) -> Need:
    """So many bytes of frozen weights and LoRA's own 16 bytes a weight, all spread by layers over the GPUs.

    Layers do not divide evenly, so each of several GPUs holds up to one layer more than its share.
    https://arxiv.org/abs/2106.09685, section 4.2: the frozen weights have no gradient and no optimizer state.
    """
    extra = frozen / shape.layers if count > 1 else 0.0
    return Need((frozen + 16 * shape.adapters) / count + extra + activations(shape, tokens, count))


def lora(shape: Shape, count: int, tokens: int) -> Need:
    """Frozen 16-bit weights."""
    return spread(shape, 2 * shape.weights, count, tokens)


def qlora(shape: Shape, count: int, tokens: int) -> Need:
    """Linear maps in 4 bits and 0.127 bits of doubly quantized constants a weight; 16 bits for the rest.

    https://arxiv.org/abs/2305.14314, section 3. One map at a time is 16-bit while it is used.
    """
    frozen = shape.layers * shape.layer * (4 + 0.127) / 8 + 2 * shape.rest
    used = 2 * max(inputs * outputs for inputs, outputs in shape.linears)
    need = spread(shape, frozen, count, tokens)
    return Need(need.gpu + used)


METHODS: dict[str, Callable[[Shape, int, int], Need]] = {
    'full, ZeRO-2 (`ds_config_zero2`)': zero2,
    'full, ZeRO-2 + offload (`ds_config_zero2_offload`)': zero2_offload,
    'full, ZeRO-3 (`ds_config_zero3_no_offload`)': zero3,
    'full, ZeRO-3 + offload (`ds_config_zero3`)': zero3_offload,
    'LoRA (`--bits 16`)': lora,
    'QLoRA (`--bits 4`)': qlora,
}


def fewest(shape: Shape, method: Callable[[Shape, int, int], Need], card: float, tokens: int) -> str:
    """Number of cards of so many GiB that a method needs at least, and the GiB used on each."""
    for count in COUNTS:
        used = (method(shape, count, tokens).gpu + RESERVE) / GIB
        if used <= card:
            return f'{count} × {used:.0f}'
    return f'– ({used:.0f})'


def rows(tokens: int) -> Iterator[list[str]]:
    """Lines of the table: model, method, cards, main memory."""
    for shape in SHAPES:
        for name, method in METHODS.items():
            main = method(shape, 1, tokens).main / GIB
            cards = [fewest(shape, method, card, tokens) for card in CARDS.values()]
            yield [shape.name, name, *cards, f'{main:.0f}' if main else '–']


def table(batch: int, max_length: int) -> str:
    """The table in Markdown, with what it assumes."""
    head = ['model', 'method', *(f'{size} GB GPUs × GiB used on each' for size in CARDS), 'main memory, GiB']
    lines = [head, ['---'] * len(head), *rows(batch * max_length)]
    note = (
        f'For {batch} × {max_length} tokens a GPU and step, AdamW, 16 bit, gradient checkpointing, flash attention; '
        f'LoRA of rank {LORA_R} on all linear maps; {RESERVE // GIB} GiB of each card are kept free for the system. '
        f'– means: not with {COUNTS[-1]} GPUs (GiB that each would need).'
    )
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines) + f'\n\n{note}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--batch', type=int, default=2, metavar='N', help='sequences a GPU and step (2)')
    parser.add_argument('--max_length', type=int, default=1024, metavar='N', help='tokens of a sequence (1024)')
    asked = parser.parse_args()
    print(table(asked.batch, asked.max_length), end='')


if __name__ == '__main__':
    main()
