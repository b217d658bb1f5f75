"""Prompts before a model's spelling: texts and chats with placeholders, and the hash that names a prompt version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmengine.config import ConfigDict


class PromptError(AssertionError, ValueError):
    """A prompt or template that cannot be right. An AssertionError, too, since callers have always caught that."""


def safe_format(input_str: str, /, **kwargs: Any) -> str:
    """`input_str` with `{name}` replaced by each value in turn; other braces stay.

    A value that itself holds `{other}` is replaced again if `other` comes later: published prompts are made so.
    """
    start, brace, rest = input_str.partition('{')  # examples, which are long, seldom have one: they are passed over
    text = brace + rest
    for name, value in kwargs.items():
        text = text.replace(f'{{{name}}}', str(value))
    return start + text


class PromptList(list):
    """A chat before a model's spelling: texts, turns `{'role', 'prompt', ...}` and marks `{'section', 'pos'}`."""

    def format(self, /, **kwargs: Any) -> PromptList:
        """A copy with `safe_format` applied to all texts and turns."""
        return self._with_texts(lambda text: safe_format(text, **kwargs))

    def replace(self, src: str, dst: str | list) -> PromptList:
        """A copy with `src` replaced. A list as `dst` parts a text in two; inside a turn it cannot stand."""
        if isinstance(dst, str):
            return self._with_texts(lambda text: text.replace(src, dst))
        result = PromptList()
        for item in self:
            if isinstance(item, str):
                first, *others = item.split(src)
                result += first
                for part in others:
                    result.extend(dst)
                    result += part
            elif src in item.get('prompt', ''):
                raise TypeError(
                    f'examples that are a chat cannot stand inside the turn {item!r}: move {src!r} out of '
                    'its prompt, into the list of the "begin" section'
                )
            else:
                result.append({**item})
        return result

    def _with_texts(self, change: Callable[[str], str]) -> PromptList:
        """A copy in which all texts, also those of turns, are changed. It shares what stays as it is."""

        def changed(item: str | dict) -> str | dict:
            if isinstance(item, str):
                return change(item)
            text = _text_of(item)
            new = change(text) if 'prompt' in item else text
            return item if new == text else item | {'prompt': new}

        return PromptList(changed(item) for item in self)

    def __add__(self, other: str | list) -> PromptList:
        return PromptList(self).__iadd__(other)

    def __radd__(self, other: str | list) -> PromptList:
        return PromptList().__iadd__(other).__iadd__(self)

    def __iadd__(self, other: str | list | None) -> PromptList:  # type: ignore[override]
        """Appends a text or extends by a list; nothing is added for an empty one or None."""
        if isinstance(other, dict):
            raise TypeError(f'cannot add one turn to a chat, only a text or a list: write [{other!r}]')
        if other:
            self.extend([other] if isinstance(other, str) else other)
        return self

    def __str__(self) -> str:
        """All texts without anything between them."""
        return ''.join(_text_of(item) for item in self)


def _text_of(item: str | dict) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, dict):
        return item.get('prompt', '')
    raise TypeError(f'a prompt holds texts and turns, not {item!r}')


def get_prompt_hash(dataset_cfg: ConfigDict | list[ConfigDict]) -> str:
    """The sha256 of `infer_cfg` as JSON; of several configs, that of their joined hashes.

    Nothing else of the config counts, unless `infer_cfg` holds its own `reader_cfg`: such a config, of an older
    layout, is brought into the newer one **in place** (readers of the hash have come to see it so).
    """
    if isinstance(dataset_cfg, list):
        if len(dataset_cfg) == 1:
            return get_prompt_hash(dataset_cfg[0])
        return _sha256(','.join(get_prompt_hash(one) for one in dataset_cfg))
    if 'reader_cfg' in dataset_cfg.infer_cfg:
        _modernise(dataset_cfg.infer_cfg, dataset_cfg.reader_cfg)
    return _sha256(json.dumps(dataset_cfg.infer_cfg.to_dict(), sort_keys=True))


def _modernise(infer_cfg: ConfigDict, reader_cfg: ConfigDict) -> None:
    """Types as bare names, the splits told to the retriever, the columns of the dataset as `reader`."""
    infer_cfg['reader'] = {
        'type': 'DatasetReader',
        'input_columns': reader_cfg.input_columns,
        'output_column': reader_cfg.output_column,
    }
    for split, name in (('train_split', 'index_split'), ('test_split', 'test_split')):
        if split in infer_cfg.reader_cfg:
            infer_cfg.retriever[name] = infer_cfg.reader_cfg[split]
    for part in infer_cfg.values():
        part['type'] = part['type'].rpartition('.')[2]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
