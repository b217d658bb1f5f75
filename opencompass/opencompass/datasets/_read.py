"""Benchmark files as rows; an error names the file and the line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

BYTE_ORDER_MARK = '\ufeff'


class CorruptFile(ValueError, AssertionError):
    """A file that does not hold what its benchmark publishes. An AssertionError, too: that is what callers know."""


def read_json(path: Path | str) -> Any:
    """The content of a JSON file; a byte order mark is skipped."""
    try:
        return json.loads(_text(path).removeprefix(BYTE_ORDER_MARK))
    except json.JSONDecodeError as error:
        raise CorruptFile(f'{path} line {error.lineno}: expected JSON, found {_excerpt(error)}') from error


def read_jsonl(path: Path | str) -> Iterator[dict]:
    """The objects of a file with one JSON object a line; blank lines and a byte order mark are skipped."""
    for number, line in enumerate(_text(path).removeprefix(BYTE_ORDER_MARK).split('\n'), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorruptFile(f'{path} line {number}: expected a JSON object, found {_excerpt(error)}') from error
        if not isinstance(row, dict):
            raise CorruptFile(f'{path} line {number}: expected a JSON object, found {line.strip()[:80]!r}')
        yield row


def read_csv(path: Path | str, columns: Sequence[str], delimiter: str = ',') -> Iterator[dict]:
    """Rows of a file without a header line as texts; every row, blank lines included, must have all the columns."""
    reader = csv.reader(io.StringIO(_text(path), newline=''), delimiter=delimiter)
    for row in reader:
        if len(row) != len(columns):
            raise CorruptFile(
                f'{path} line {reader.line_num}: expected {len(columns)} columns '
                f'({", ".join(columns)}), found {len(row)}'
            )
        yield dict(zip(columns, row, strict=True))


def read_squad(path: Path | str) -> Iterator[dict]:
    """Questions of a SQuAD-like file as context, question and the list of its different answers."""
    content = read_json(path)
    try:
        for paragraph in (paragraph for article in content['data'] for paragraph in article['paragraphs']):
            for asked in paragraph['qas']:
                answers = dict.fromkeys(answer['text'] for answer in asked['answers'])
                yield {'context': paragraph['context'], 'question': asked['question'], 'answers': list(answers)}
    except (KeyError, TypeError) as error:
        raise CorruptFile(
            f'{path}: expected data > paragraphs > (context, qas > (question, answers > text)), '
            f'found an item without it: {error!r}'
        ) from error


def _text(path: Path | str) -> str:
    """The content of a UTF-8 file, its byte order mark and line ends as they are."""
    content = Path(path).read_bytes()
    try:
        return content.decode('utf-8')
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b'\n') + 1
        raise CorruptFile(f'{path} line {line}: expected UTF-8 text, found byte {content[error.start]:#04x}') from error


def _excerpt(error: json.JSONDecodeError) -> str:
    """The text at the position of the error."""
    return f'{error.doc[max(0, error.pos - 40) : error.pos + 40].strip()!r} ({error.msg})'
