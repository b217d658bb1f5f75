"""Files of training records, and what a record says: a text, or a conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from utils.chat import INSTRUCTION, RESPONSE, Turn

ENDINGS = ('.json', '.jsonl')
#: Words in the name of a file that make it one of validation.
VALIDATION = re.compile(r'(?:^|[^a-z])(valid|validation|val|dev|eval|test)(?:[^a-z]|$)')
#: Who speaks in records of many conventions.
SPEAKERS = {
    'human': 'user',
    'user': 'user',
    'gpt': 'assistant',
    'assistant': 'assistant',
    'chatgpt': 'assistant',
    'bot': 'assistant',
    'model': 'assistant',
    'system': 'system',
}
MARKED = re.compile(r'\n*### (Instruction|Response):\n')


class Row(NamedTuple):
    """A record as it stands in a file."""

    file: str
    line: int
    text: str


class BadRecord(ValueError):
    """A record that cannot be learned from. Its text names the kind of fault alone, so that faults can be counted."""


def files_of(path: str) -> list[str]:
    """The files of records at a path: the file, or all .json and .jsonl files of the folder."""
    place = Path(path).expanduser()
    if not place.exists():
        raise ValueError(f'Path: {path} not exists!')
    if place.is_file():
        return [str(place)]
    found = sorted(str(one) for one in place.rglob('*') if one.suffix in ENDINGS and one.is_file())
    if not found:
        raise ValueError(f'folder {path} has no files that end in {" or ".join(ENDINGS)}')
    return found


def split_by_name(files: Iterable[str]) -> tuple[list[str], list[str]]:
    """The files of a data set's folder for training, and those whose name says validation, dev, eval or test."""
    training: list[str] = []
    validation: list[str] = []
    for file in files:
        (validation if VALIDATION.search(Path(file).stem.lower()) else training).append(file)
    return training, validation


def rows(files: Iterable[str]) -> Iterator[Row]:
    """The records of files of JSON lines, with the line; of files that hold one list, with the place in the list."""
    for file in files:
        with Path(file).open(encoding='utf-8-sig', errors='replace') as lines:
            start = next((line for line in lines if line.strip()), '')
            lines.seek(0)
            if _is_lines(start):
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield Row(file, number, line.strip())
            else:
                yield from _of_list(file, lines.read())


def _is_lines(start: str) -> bool:
    """Whether the first line of a file is a record by itself. A broken record is, the begin of a list is not."""
    return not (start.lstrip().startswith('[') or start.strip() == '{')


def _of_list(file: str, text: str) -> Iterator[Row]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f'{file} line {error.lineno}: broken JSON ({error.msg}); expected a list of records, or a record a line'
        ) from error
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else [found]
    for number, record in enumerate(found, 1):
        yield Row(file, number, json.dumps(record, ensure_ascii=False))


def parsed(text: str) -> dict[str, Any]:
    """The record in a line."""
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadRecord('broken JSON') from error
    if not isinstance(record, dict):
        raise BadRecord(f'a record is an object in braces, not a {type(record).__name__}')
    return record


def text_of(record: dict[str, Any], key: str) -> str:
    """The text of a record of plain texts."""
    if key not in record:
        raise BadRecord(f'no key {key!r} (see --text_key_name)')
    if not isinstance(record[key], str):
        raise BadRecord(f'{key!r} is no text')
    if not record[key].strip():
        raise BadRecord(f'{key!r} is empty')
    return record[key]


def turns_of(record: dict[str, Any], marked: bool = True) -> list[Turn]:
    """The conversation of a record: OpenAI's `messages`, ShareGPT's `conversations`, or instruction, input, output.

    What follows the last answer is left out. TigerBot's own data spell `### Instruction:` and `### Response:` in their
    texts; `marked` takes such texts apart into turns.
    """
    if record.get('messages') is not None:
        turns = _said(record['messages'], 'role', 'content')
    elif record.get('conversations') is not None:
        turns = _said(record['conversations'], 'from', 'value')
    else:
        turns = _instructed(record, marked)
    while turns and turns[-1].role != 'assistant':
        turns.pop()
    if not turns:
        raise BadRecord('a conversation without an answer')
    _check(turns)
    return turns


def _check(turns: list[Turn]) -> None:
    asked = turns[1:] if turns[0].role == 'system' else turns
    if [turn.role for turn in asked] != ['user', 'assistant'] * (len(asked) // 2):
        raise BadRecord('questions and answers do not take turns')
    if any(turn.role == 'assistant' and not turn.content.strip() for turn in turns):
        raise BadRecord('an answer is empty')


def _said(messages: Any, role: str, content: str) -> list[Turn]:
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise BadRecord('a conversation is a list of objects')
    found = []
    for one in messages:
        speaker, said = one.get(role, one.get('role')), one.get(content, one.get('content'))
        if speaker not in SPEAKERS:
            raise BadRecord(f'a message of {speaker!r}; expected {", ".join(SPEAKERS)}')
        if isinstance(said, list):  # OpenAI's parts
            said = ''.join(part['text'] for part in said if isinstance(part, dict) and part.get('type') == 'text')
        if not isinstance(said, str):
            raise BadRecord(f'a message without a text under {content!r}')
        found.append(Turn(SPEAKERS[speaker], said))
    return found


def _instructed(record: dict[str, Any], marked: bool) -> list[Turn]:
    for key in ('instruction', 'output'):
        if key not in record:
            raise BadRecord(f'no key {key!r}, nor messages or conversations')
        if not isinstance(record[key], str):
            raise BadRecord(f'{key!r} is no text')
    more = record.get('input') or ''
    if not isinstance(more, str):
        raise BadRecord("'input' is no text")
    asked, answer = record['instruction'] + (f'\n{more}' if more else ''), record['output']
    if marked and (asked.startswith(INSTRUCTION) or answer.startswith(RESPONSE)):
        return _unmarked(asked, answer)
    system = record.get('system')
    start = [Turn('system', system)] if isinstance(system, str) and system else []
    return [*start, Turn('user', asked), Turn('assistant', answer)]


def _unmarked(asked: str, answer: str) -> list[Turn]:
    """The turns of texts with markers. An answer may begin with more than one: TigerBot's sample has such a record."""
    asked = asked if asked.startswith(INSTRUCTION) else INSTRUCTION + asked
    while answer.startswith(RESPONSE):
        answer = answer.removeprefix(RESPONSE)
    pieces = MARKED.split(asked)[1:]
    roles = [{'Instruction': 'user', 'Response': 'assistant'}[name] for name in pieces[::2]]
    turns = [Turn(role, text) for role, text in zip(roles, pieces[1::2], strict=True)]
    return [*turns, Turn('assistant', answer)]
