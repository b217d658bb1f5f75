"""Benchmark files as rows; an error names the file and the line."""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any

from opencompass.utils.logging import get_logger

if TYPE_CHECKING:
    from pandas import DataFrame

BYTE_ORDER_MARK = '\ufeff'

#: What the rows of a file have: name -> type of the values.
Fields = Mapping[str, type | UnionType]


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


def checked(row: Any, fields: Fields, where: str) -> dict:
    """The row, if it is an object with these fields; else a CorruptFile that says where it stands."""
    if isinstance(row, dict) and all(name in row and isinstance(row[name], kind) for name, kind in fields.items()):
        return row
    kinds = ', '.join(f'{name} ({getattr(kind, "__name__", kind)})' for name, kind in fields.items())
    raise CorruptFile(f'{where}: expected an object with {kinds}, found {json.dumps(row, ensure_ascii=False)[:200]}')


def read_json_rows(path: Path | str, key: str, fields: Fields) -> list[dict]:
    """The rows in the list that stands under `key` in a JSON file."""
    content = checked(read_json(path), {key: list}, str(path))
    return [checked(row, fields, f'{path} {key} {number}') for number, row in enumerate(content[key])]


def read_jsonl(path: Path | str, fields: Fields | None = None, errors: str = 'strict') -> Iterator[Row]:
    """The objects of a file with one JSON object a line; blank lines and a byte order mark are skipped.

    Each must have the `fields`. `errors='ignore'` skips bytes that are not UTF-8, too.
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
        where = f'{path} line {number}'
        yield Row(checked(row, fields or {}, where), where)


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


def read_typed_csv(path: Path | str, columns: Sequence[str], missing: Sequence[str] | None = None) -> DataFrame:
    """Rows of a file with a header line, which has the columns. A column of numbers, or of truth values, holds such.

    `missing` are the cells that count as none; if not given, those that pandas knows: '', 'NA', 'None' and the like.
    """
    import pandas

    text = _text(path).removeprefix(BYTE_ORDER_MARK)
    reader = csv.reader(io.StringIO(text, newline=''))
    header = next(reader, [])
    if not set(columns) <= set(header):
        raise CorruptFile(f'{path} line 1: expected the columns {", ".join(columns)}, found {", ".join(header)}')
    for row in reader:
        if row and len(row) != len(header):
            raise CorruptFile(f'{path} line {reader.line_num}: expected {len(header)} columns, found {len(row)}')
    return pandas.read_csv(io.StringIO(text, newline=''), na_values=missing, keep_default_na=missing is None)


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
