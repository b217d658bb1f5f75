"""The training text of tigerbot-nano as files that the scripts in train/ read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from nano_data import Row, base_documents, chat_documents

#: Documents to validate with, the ones that follow those of the training.
VALIDATION = 200


def as_text(document: list[Row]) -> dict:
    """A base document as a record of train_clm.py."""
    return {'content': '\n'.join(row.text for row in document)}


def as_messages(document: list[Row]) -> dict:
    """A chat as a record of train_sft.py."""
    sides = [(('user', row.prompt), ('assistant', row.answer)) for row in document]
    return {'messages': [{'role': role, 'content': said} for turn in sides for role, said in turn]}


def records(stage: str, seed: int) -> Iterator[dict]:
    """Endless records of 'short', 'long' or 'chat'."""
    if stage == 'chat':
        return map(as_messages, chat_documents(seed))
    return map(as_text, base_documents(seed, stage))


def text_file(folder: Path, stage: str, part: str) -> Path:
    """The file of a stage; the part is 'train' or 'valid'."""
    return folder / f'{stage}_{part}.jsonl'


def write_texts(folder: Path, stage: str, seed: int, count: int) -> None:
    """Write so many documents of a stage as JSON lines, and those to validate with."""
    folder.mkdir(parents=True, exist_ok=True)
    every = records(stage, seed)
    for part, size in (('train', count), ('valid', VALIDATION)):
        lines = (json.dumps(one, ensure_ascii=False) + '\n' for one in itertools.islice(every, size))
        text_file(folder, stage, part).write_text(''.join(lines), encoding='utf-8')
