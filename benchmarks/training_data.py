"""Documents and conversations of mixed lengths, made from a seed, and their token ids for those who want no text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from training_peer import IGNORED
from workload import SIZES, Prose, vocabulary

#: Words of the shortest document and answer, and of a question.
SHORTEST, QUESTION = 16, (8, 96)
#: Tokens of an example that are no words of it: BOS, the end, and what marks question and answer.
AROUND = 12


class Task(NamedTuple):
    """Records to learn, as files of JSON lines: of texts, and of their ids with labels."""

    name: str
    train: Path
    validation: Path
    examples: Path


def tasks(size: str, count: int, longest: int, model: Path, folder: Path) -> Iterator[Task]:
    """Both tasks. All examples fit into `longest` tokens, so that nobody cuts one."""
    from train.encode import ChatEncoder, TextEncoder
    from utils.modeling_hack import load_tokenizer

    tokenizer = load_tokenizer(str(model))
    prose = Prose(vocabulary(SIZES[size][-1]), 6)
    texts = [{'content': prose.words(_length(prose, SHORTEST, longest - AROUND))} for _ in range(count)]
    yield _written('CLM', texts, TextEncoder(tokenizer), folder)
    talks = [_conversation(prose, longest) for _ in range(count)]
    yield _written('SFT', talks, ChatEncoder(tokenizer, max_length=longest), folder)


def _conversation(prose: Prose, longest: int) -> dict[str, str]:
    shortest, most = (min(words, longest // 4) for words in QUESTION)
    question = _length(prose, shortest, most)
    answer = _length(prose, shortest, longest - question - AROUND)
    return {'instruction': prose.words(question), 'input': '', 'output': prose.words(answer)}


def _length(prose: Prose, shortest: int, longest: int) -> int:
    """Many short ones and few long ones: of each doubling as many."""
    return round(math.exp(prose.random.uniform(math.log(min(shortest, longest)), math.log(longest))))


def _written(name: str, records: list[dict[str, str]], encoder: Callable[[dict[str, Any]], Any], folder: Path) -> Task:
    files = Task(name, *(folder / f'{name}_{part}.jsonl' for part in ('train', 'validation', 'examples')))
    examples = [encoder(record) for record in records]
    for file, rows in (
        (files.train, records),
        (files.validation, records[:1]),
        (files.examples, [{'input_ids': one.ids, 'labels': _labels(one)} for one in examples]),
    ):
        file.write_text(''.join(f'{json.dumps(row)}\n' for row in rows), encoding='utf-8')
    return files


def _labels(example: Any) -> list[int]:
    """Nothing precedes the first token, so it is never learned."""
    wanted = [one if is_learned else IGNORED for one, is_learned in zip(example.ids, example.learned, strict=True)]
    return [IGNORED, *wanted[1:]]
