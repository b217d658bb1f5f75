"""A causal model of transformers that forwards the branches of a prefix tree side by side, after what is cached.

All lies in one row: `position_ids` are depths in the tree, and a mask lets each token see its own ancestors only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ._trie_plan import Ids, Size, Step

if TYPE_CHECKING:
    import torch

#: Tokens of a step: from so many on a processor is busy with one, and more cost attention to what is masked.
CPU = Size(enough=256, most=2048)
CUDA = Size(enough=2048, most=4096)
FEWEST = 64
#: Most logits (tokens x vocabulary) that are in memory at once.
CPU_LOGITS, CUDA_LOGITS = 2**23, 2**26
#: Kinds of layers whose attention a mask describes.
LAYERS = {'full_attention', 'sliding_attention'}
#: Rotary embeddings whose frequencies depend on how long the longest text of a batch is.
BY_LENGTH = {'dynamic', 'longrope'}


class Outputs(NamedTuple):
    """What a step gave: the logits of the tokens at some places, and how many logits may be in memory at once."""

    logits: Callable[[torch.Tensor], torch.Tensor]
    at_once: int


class TrieModel:
    """`forwarded` counts the tokens that went through.

    Args:
        longest: most tokens of a text.
        tokens_per_step: most tokens that are forwarded at once; None: as many as is usual on a processor, or as a GPU
            has room for.
        is_split: whether logits are computed from the output of the layers, for no more tokens than are asked for, or
            by the model as a whole.
    """

    def __init__(
        self, model: Any, longest: int = 2048, tokens_per_step: int | None = None, is_split: bool = True
    ) -> None:
        self.model = model.get_base_model() if hasattr(model, 'get_base_model') else model
        self.config = self.model.config.get_text_config(decoder=True)
        self.is_split = is_split
        is_cuda = self.model.device.type == 'cuda'
        self.at_once = max((CUDA_LOGITS if is_cuda else CPU_LOGITS) // self.config.vocab_size, 16)
        usual = on_gpu(self.model, self.config, longest) if is_cuda else CPU
        most = usual.most if tokens_per_step is None else max(tokens_per_step, 2)
        if not is_split:
            most = min(most, max(FEWEST, 4 * self.at_once))
        self.size = Size(min(usual.enough, most), most)
        self.forwarded = 0

    def halve(self) -> bool:
        """Take smaller steps from now on; whether that was possible."""
        if self.size.most <= FEWEST:
            return False
        self.size = Size(max(self.size.enough // 2, FEWEST), max(self.size.most // 2, FEWEST))
        if self.model.device.type == 'cuda':
            import torch

            torch.cuda.empty_cache()
        return True

    def forward(self, tokens: Ids, depths: Ids, seen: Seen | None, cache: Any) -> Outputs:
        """Forward tokens, which stay in the cache. `seen` is None where each of them sees all before it."""
        import torch

        device = self.model.device
        self.forwarded += len(tokens)
        given = {
            'input_ids': torch.as_tensor(tokens, dtype=torch.long, device=device)[None],
            'position_ids': torch.as_tensor(depths, dtype=torch.long, device=device)[None],
            'attention_mask': None if seen is None else self._masks(seen),
            'past_key_values': cache,
            'use_cache': True,
        }
        if self.is_split:
            hidden = self.model.base_model(**given)[0][0]
            head = self.model.get_output_embeddings()
            return Outputs(lambda places: head(hidden[places.to(hidden.device)]), self.at_once)
        logits = self.model(**given).logits[0]
        return Outputs(lambda places: logits[places.to(logits.device)], self.at_once)

    def _masks(self, seen: Seen) -> Any:
        """What is added to attention scores: one mask of shape [1, 1, tokens, cached + tokens], or one for each kind of
        layer."""
        window = getattr(self.config, 'sliding_window', None)
        kinds = set(getattr(self.config, 'layer_types', None) or ['sliding_attention' if window else 'full_attention'])
        if not kinds <= LAYERS:
            raise ValueError(f'layers of other kinds than {sorted(LAYERS)}: {sorted(kinds)}')
        masks = {kind: self._added(seen.of(window if kind == 'sliding_attention' else None)) for kind in kinds}
        return masks if len(masks) > 1 else masks.popitem()[1]

    def _added(self, seen: torch.Tensor) -> torch.Tensor:
        import torch

        dtype = self.model.dtype
        return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill_(~seen, torch.finfo(dtype).min)[
            None, None
        ]


class Seen(NamedTuple):
    """Which columns (cached tokens, then those forwarded now) each token sees, and the depths of both: [tokens,
    columns], [tokens], [columns]."""

    columns: torch.Tensor
    depths: torch.Tensor
    column_depths: torch.Tensor

    def of(self, window: int | None) -> torch.Tensor:
        """The columns seen by a layer that looks back over no more tokens than `window`."""
        if window is None:
            return self.columns
        return self.columns & (self.depths[:, None] - self.column_depths[None] < window)


def in_tree(step: Step, device: Any) -> Seen:
    """What the tokens of a step see: cached ones and their own ancestors."""
    import torch

    until, depths = step.until, step.depths

    places, ends = torch.arange(len(until), device=device), torch.as_tensor(until, device=device)
    inside = (places[:, None] >= places) & (places[:, None] < ends)
    columns = torch.cat([inside.new_ones(len(until), step.cached), inside], 1)
    columns[:, step.start : step.cached] = False
    own = torch.as_tensor(depths, device=device)
    return Seen(columns, own, torch.cat([torch.arange(step.cached, device=device), own]))


def longest_apart(config: Any) -> int | None:
    """Most tokens of a text that has the same scores whatever is forwarded with it, and was before; None where that is
    true of every text. `config` is the text part of a model's."""
    rope = getattr(config, 'rope_parameters', None) or {}
    kinds = [one for one in (rope, *rope.values()) if isinstance(one, dict) and one.get('rope_type') in BY_LENGTH]
    lengths = [one.get('original_max_position_embeddings') or config.max_position_embeddings for one in kinds]
    return min(lengths) - 1 if lengths else None


def on_gpu(model: Any, config: Any, longest: int) -> Size:
    """Steps that fit in the free memory of the fullest GPU: the largest power of two of which half of it is enough."""
    import torch

    devices = {one for one in getattr(model, 'hf_device_map', {}).values() if one not in ('cpu', 'disk')}
    free = min(torch.cuda.mem_get_info(one)[0] for one in devices or {model.device})
    width, hidden = torch.finfo(model.dtype).bits // 8, config.hidden_size
    heads = config.num_attention_heads
    shared = heads // (getattr(config, 'num_key_value_heads', None) or heads)
    inner = getattr(config, 'intermediate_size', None) or 4 * hidden
    cached = width * 2 * config.num_hidden_layers * hidden // shared
    per_token = width * (16 * hidden + 4 * inner + 2 * (longest + CUDA.most)) + cached
    room = (free // 2 - cached * longest - 4 * CUDA_LOGITS) // per_token
    most = next((2**power for power in range(12, 6, -1) if 2**power <= room), FEWEST)
    return Size(min(CUDA.enough, most), most)


def new_cache() -> Any:
    """An empty cache of which the end can be cut off, and to which adding a few tokens does not copy the rest."""
    from transformers.cache_utils import Cache, DynamicLayer

    class Layer(DynamicLayer):
        """Keys and values of shape [1, heads, tokens, size], with room behind them."""

        def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> Any:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
                self.room = [key_states.new_empty(0), value_states.new_empty(0)]
            old, count = self.get_seq_length(), key_states.shape[-2]
            for number, (kept, new) in enumerate([(self.keys, key_states), (self.values, value_states)]):
                if self.room[number].dim() < 4 or self.room[number].shape[-2] < old + count:
                    shape = (*new.shape[:-2], 2 * (old + count), new.shape[-1])
                    self.room[number] = new.new_empty(shape)
                    if kept is not None and old:
                        self.room[number][..., :old, :] = kept
                self.room[number][..., old : old + count, :] = new
            self.keys, self.values = (one[..., : old + count, :] for one in self.room)
            return self.keys, self.values

        def keep(self, columns: torch.Tensor) -> None:
            """Drop all but some tokens."""
            count = len(columns)
            for one in self.room:
                one[..., :count, :] = one[..., columns.to(one.device), :]
            self.keys, self.values = (one[..., :count, :] for one in self.room)

    return Cache(layer_class_to_replicate=Layer)


def cut(cache: Any, length: int) -> None:
    """Drop what is cached beyond a length."""
    surplus = cache.get_seq_length() - length
    if surplus > 0:
        cache.crop(-surplus)


def tensor(places: Sequence[int] | Ids) -> torch.Tensor:
    """Places as an index."""
    import torch

    return torch.as_tensor(places, dtype=torch.long)
