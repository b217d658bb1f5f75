"""Training documents and benchmark files of tigerbot-nano, all drawn from one seed.

A document is a list of rows (prompt, answer). Base documents are lists of rows of one layout, separated by a newline,
as a few-shot prompt is; chat documents are turns. Text and rows do not depend on the tokenizer or on the length of
training.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

import nano_tasks as tasks
from nano_facts import TALK

LETTERS = 'ABCD'
SHOTS = 5
MULTIPLE_CHOICE = {
    'arithmetic': tasks.arithmetic,
    'comparison': tasks.comparison,
    'ordering': tasks.ordering,
    'facts_en': tasks.fact_en,
    'facts_zh': tasks.fact_zh,
}
INSTRUCT = (tasks.arithmetic, tasks.comparison, tasks.sorting, tasks.neighbour, tasks.fact_en, tasks.fact_zh)
QUESTION_WORDS = {'facts_zh': ('问题', '答案')}
# Fewest and most rows of a document: single questions first, then few-shot lists.
STAGES = {'short': (1, 3), 'long': (5, 8)}
LAYOUTS, SHARES = ('open', 'mixed', 'claim', 'prose'), (62, 12, 20, 6)
CHAT_PROMPT = '\n\n### Instruction:\n{}\n\n### Response:\n'


class Row(NamedTuple):
    """A prompt and what follows it after one space; a prompt of '' makes a line of plain text."""

    prompt: str
    answer: str

    @property
    def text(self) -> str:
        """The row as it stands in a base document."""
        return f'{self.prompt} {self.answer}' if self.prompt else self.answer


def choice_row(item: tasks.Item, rng: random.Random) -> dict[str, str]:
    """A question with its answer among four options in random order, as a benchmark row."""
    options = rng.sample([item.answer, *item.wrong[:3]], 4)
    return {
        'question': item.question,
        **dict(zip(LETTERS, options, strict=True)),
        'answer': LETTERS[options.index(item.answer)],
    }


def open_prompt(question: str, subject: str) -> str:
    """The layout of a question without options, up to the answer."""
    words = QUESTION_WORDS.get(subject, ('Question', 'Answer'))
    return f'{words[0]}: {question}\n{words[1]}:'


def claim_prompt(statement: str) -> str:
    """The layout of a yes/no question, up to the answer."""
    return f'Statement: {statement}\nAnswer:'


def train_open(make: Callable[[random.Random], tasks.Item], rng: random.Random) -> Row:
    """A question and its answer for training."""
    item = tasks.draw(make, rng)
    return Row(open_prompt(item.question, item.subject), item.answer)


def train_claim(rng: random.Random) -> Row:
    """A statement and Yes or No for training."""
    claim = tasks.draw(tasks.claim, rng)
    is_true = rng.random() < 0.5
    return Row(claim_prompt(claim.true if is_true else claim.false), 'Yes' if is_true else 'No')


def base_document(rng: random.Random, rows: int) -> list[Row]:
    """Some rows of one layout."""
    layout = rng.choices(LAYOUTS, SHARES)[0]
    makers = (*MULTIPLE_CHOICE.values(), *INSTRUCT, tasks.arithmetic, tasks.addition)
    if layout == 'mixed':
        return [train_open(rng.choice(makers), rng) for _ in range(rows)]
    if layout == 'open':
        make = rng.choice(makers)
        return [train_open(make, rng) for _ in range(rows)]
    if layout == 'claim':
        return [train_claim(rng) for _ in range(rows)]
    make = rng.choice((tasks.sentence_en, tasks.sentence_zh))
    return [Row('', make(rng)) for _ in range(rows)]


def base_documents(seed: int, stage: str) -> Iterator[list[Row]]:
    """Endless pre-training documents of a stage: 'short' have one to three rows, 'long' five to eight."""
    rng = random.Random(f'{stage} {seed}')
    while True:
        yield base_document(rng, rng.randint(*STAGES[stage]))


def chat_turn(rng: random.Random) -> Row:
    """One instruction and its answer: small talk, a question, or a claim."""
    kind = rng.choices(('talk', 'open', 'claim'), (18, 74, 8))[0]
    if kind == 'talk':
        return Row(*rng.choice(TALK))
    if kind == 'open':
        item = tasks.draw(rng.choice((*INSTRUCT, tasks.addition)), rng)
        return Row(item.question, item.answer)
    return train_claim(rng)


def chat_documents(seed: int) -> Iterator[list[Row]]:
    """Endless chats of one to three turns; the prompt of a row is the bare instruction."""
    rng = random.Random(f'chat {seed}')
    while True:
        yield [chat_turn(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
