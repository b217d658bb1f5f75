"""A batch of examples as tensors, in one of three layouts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from train.packing import IGNORED, fitted, joined, labels_of

LAYOUTS = ('flat', 'rows', 'padded')


class Collator:
    """Examples, or rows of them, as a batch.

    'flat' puts all into one row without padding, for flash attention. 'rows' puts short ones together in rows of the
    longest, so that little padding is left; positions that begin again at 0 tell the model where an example begins.
    'padded' gives each a row of its own and an attention mask. The loss is the same in all three.
    """

    def __init__(self, pad_id: int, layout: str = 'rows', multiple: int = 1) -> None:
        """`multiple` pads rows to a multiple of so many tokens."""
        if layout not in LAYOUTS:
            raise ValueError(f'a layout is one of {", ".join(LAYOUTS)}, not {layout!r}')
        self.pad_id, self.layout, self.multiple = pad_id, layout, multiple

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        rows = [_row(one) for one in features]
        if self.layout == 'padded':
            return self._stacked(rows, has_mask=True)
        sizes = [len(row['input_ids']) for row in rows]
        places = [list(range(len(rows)))] if self.layout == 'flat' else fitted(sizes, max(sizes))
        return self._stacked([_merged([rows[one] for one in place]) for place in places])

    def _stacked(self, rows: list[dict[str, np.ndarray]], has_mask: bool = False) -> dict[str, torch.Tensor]:
        longest = max(len(row['input_ids']) for row in rows)
        width = -(-longest // self.multiple) * self.multiple
        fill = {'input_ids': self.pad_id, 'labels': IGNORED, 'attention_mask': 0}
        made: dict[str, list[np.ndarray]] = {name: [] for name in rows[0]}
        for row in rows:
            gap = width - len(row['input_ids'])
            for name, values in row.items():
                # Padding is an example of its own, with positions from 0.
                rest = np.arange(gap) if name == 'position_ids' else np.full(gap, fill[name])
                made[name].append(np.concatenate([values, rest]))
        if has_mask:
            del made['position_ids']
            made['attention_mask'] = [np.arange(width) < len(row['input_ids']) for row in rows]
        made['real_tokens'] = [np.array(len(row['input_ids'])) for row in rows]
        return {name: torch.from_numpy(np.stack(values).astype(np.int64)) for name, values in made.items()}


def _row(feature: dict[str, Any]) -> dict[str, np.ndarray]:
    """An example with labels and positions."""
    ids = np.asarray(feature['input_ids'])
    if 'position_ids' in feature:
        return {name: np.asarray(feature[name]) for name in ('input_ids', 'labels', 'position_ids')}
    if 'labels' in feature:
        labels = np.array(feature['labels'])
        labels[:1] = IGNORED  # in a row of several examples the one before would be asked for it
        return {**joined([(ids, None)]), 'labels': labels}
    learned = feature.get('learned')
    return {**joined([(ids, None)]), 'labels': labels_of(ids, None if learned is None else np.asarray(learned))}


def _merged(rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def layout_for(model: PreTrainedModel) -> str:
    """The layout with the least padding in which a model keeps the examples of a row apart."""
    base = model.get_base_model() if hasattr(model, 'get_base_model') else model
    attention = getattr(base.config, '_attn_implementation', None) or 'eager'
    kinds = set(getattr(base.config.get_text_config(), 'layer_types', None) or ['full_attention'])
    is_known = type(base).__module__.startswith('transformers.') and getattr(base, '_supports_attention_backend', False)
    if not is_known or not kinds <= {'full_attention', 'sliding_attention', 'chunked_attention'}:
        return 'padded'
    return 'flat' if attention.startswith('flash') else 'rows'
