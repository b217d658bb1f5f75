"""Benchmark files as rows; an error names the file and the line."""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from opencompass.utils.logging import get_logger

BYTE_ORDER_MARK = '\ufeff'


class CorruptFile(ValueError, AssertionError):
    """A file that does not hold what its benchmark publishes. An AssertionError, too: that is what callers know."""


class Row(dict):
    """A row that knows its place, 'FILE line N': asked for a column that it lacks, it raises a CorruptFile with it."""

    def __init__(self, columns: dict, place: str) -> None:
        super().__init__(columns)
        self.place = place

    def __missing__(self, column: str) -> Any:
        raise self.corrupt(f'expected {column!r}, found only {", ".join(self)}')

    def corrupt(self, reason: str) -> CorruptFile:
        """The error that this row causes."""
        return CorruptFile(f'{self.place}: {reason}')


@contextlib.contextmanager
def layout(place: Path | str, expected: str) -> Iterator[None]:
    """Turns a look-up or a check that fails in a file's content into a CorruptFile that says what was expected."""
    try:
        yield
    except CorruptFile:
        raise
    except ValueError as error:
        raise CorruptFile(f'{place}: expected {expected}, found {error}') from error
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise CorruptFile(f'{place}: expected {expected}, found an item without it: {error!r}') from error


def read_text(path: Path | str) -> str:
    """The content of a UTF-8 file with line feeds as line ends; a byte order mark stays."""
    return _text(path).replace('\r\n', '\n').replace('\r', '\n')


def read_lines(path: Path | str) -> list[str]:
    """The stripped lines of a UTF-8 file, empty ones included; a byte order mark is skipped."""
    text = read_text(path).removeprefix(BYTE_ORDER_MARK).removesuffix('\n')
    return [line.strip() for line in text.split('\n')] if text else []


def read_json(path: Path | str) -> Any:
    """The content of a JSON file; a byte order mark is skipped."""
    try:
        return json.loads(_text(path).removeprefix(BYTE_ORDER_MARK))
    except json.JSONDecodeError as error:
        raise CorruptFile(f'{path} line {error.lineno}: expected JSON, found {_excerpt(error)}') from error


def read_jsonl(path: Path | str, errors: str = 'strict') -> Iterator[Row]:
    """The objects of a file with one JSON object a line; blank lines and a byte order mark are skipped.

    `errors='ignore'` skips bytes that are not UTF-8, too.
    """
    for number, line in enumerate(_text(path, errors).removeprefix(BYTE_ORDER_MARK).split('\n'), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorruptFile(f'{path} line {number}: expected a JSON object, found {_excerpt(error)}') from error
        if not isinstance(row, dict):
            raise CorruptFile(f'{path} line {number}: expected a JSON object, found {line.strip()[:80]!r}')
        yield Row(row, f'{path} line {number}')


def read_csv(path: Path | str, columns: Sequence[str], delimiter: str = ',') -> Iterator[Row]:
    """Rows of a file without a header line as texts; every row, blank lines included, must have all the columns."""
    reader = csv.reader(io.StringIO(_text(path), newline=''), delimiter=delimiter)
    for row in reader:
        if len(row) != len(columns):
            raise CorruptFile(
                f'{path} line {reader.line_num}: expected {len(columns)} columns '
                f'({", ".join(columns)}), found {len(row)}'
            )
        yield Row(dict(zip(columns, row, strict=True)), f'{path} line {reader.line_num}')


def read_table(path: Path | str) -> Iterator[Row]:
    """Rows of a CSV file by the columns that its first line names; blank lines are skipped."""
    reader = csv.DictReader(io.StringIO(read_text(path).removeprefix(BYTE_ORDER_MARK)))
    for columns in reader:
        row = Row(columns, f'{path} line {reader.line_num}')
        if None in row or None in row.values():
            raise row.corrupt(f'expected {len(reader.fieldnames or [])} columns, as in the first line')
        yield row


def read_answers(path: Path | str) -> Iterator[Row]:
    """Rows of `question` TAB `answer`, where the answers are a Python list of texts such as ['Paris', 'the city']."""
    for row in read_csv(path, ['question', 'answer'], delimiter='\t'):
        try:
            answers = ast.literal_eval(row['answer'].strip())
        except (ValueError, TypeError, SyntaxError):
            answers = None
        if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
            raise row.corrupt(f"expected a list of texts such as ['Paris', 'the city'], found {row['answer'][:80]!r}")
        row['answer'] = answers
        yield row


def side_by_side(path: Path | str, rows: Sequence, beside: Path | str, others: Sequence) -> Iterator[tuple]:
    """The rows of two files in pairs. Those that the longer file has more are left out, with a warning."""
    if len(rows) != len(others):
        get_logger().warning(
            f'{path} has {len(rows)} rows, {beside} {len(others)}: rows without a partner are left out'
        )
    return zip(rows, others, strict=False)


def read_squad(path: Path | str) -> Iterator[dict]:
    """Questions of a SQuAD-like file as context, question and the list of its different answers."""
    content = read_json(path)
    with layout(path, 'data > paragraphs > (context, qas > (question, answers > text))'):
        for paragraph in (paragraph for article in content['data'] for paragraph in article['paragraphs']):
            for asked in paragraph['qas']:
                answers = dict.fromkeys(answer['text'] for answer in asked['answers'])
                yield {'context': paragraph['context'], 'question': asked['question'], 'answers': list(answers)}


def _text(path: Path | str, errors: str = 'strict') -> str:
    """The content of a UTF-8 file, its byte order mark and line ends as they are."""
    content = Path(path).read_bytes()
    try:
        return content.decode('utf-8', errors)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b'\n') + 1
        raise CorruptFile(f'{path} line {line}: expected UTF-8 text, found byte {content[error.start]:#04x}') from error


def _excerpt(error: json.JSONDecodeError) -> str:
    """The text at the position of the error."""
    return f'{error.doc[max(0, error.pos - 40) : error.pos + 40].strip()!r} ({error.msg})'
