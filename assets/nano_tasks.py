"""Questions and claims of tigerbot-nano, drawn at random; a part of them is held out from training for the benchmark.

What is held out is decided by a hash of what generalises: the unordered pair of an addition, the set of numbers of a
comparison, the set of things to sort, one phrasing of one fact (its other phrasings are taught: a fact cannot be
guessed).
"""

from __future__ import annotations

import itertools
import random
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

from nano_facts import CHINESE, CONTROL, ENGLISH, SERIES, SERIES_QUESTIONS, Relation

LARGEST_TERM = 20
LARGEST_NUMBER = 99
LARGEST_CLAIMED = 999
HELD_OUT_SHARE = 6


class Item(NamedTuple):
    """A question with its answer; `wrong` holds at least three other answers, `key` is what may be held out."""

    subject: str
    question: str
    answer: str
    wrong: tuple[str, ...]
    key: str


class Claim(NamedTuple):
    """A sentence in a true and in a false form; `key` is what may be held out."""

    true: str
    false: str
    key: str


def is_held_out(key: str) -> bool:
    """Whether a key belongs to the benchmark only: one in HELD_OUT_SHARE, the same on every machine."""
    return zlib.crc32(key.encode()) % HELD_OUT_SHARE == 0


def draw(make: Callable[[random.Random], Item | Claim], rng: random.Random, held_out: bool = False) -> Item | Claim:
    """The next thing `make` gives that is (or is not) held out."""
    while True:
        made = make(rng)
        if is_held_out(made.key) == held_out:
            return made


def terms(rng: random.Random) -> tuple[str, int, str]:
    """An expression, its value and its key: 'a + b' shares one key with 'b + a', 'a - b' is never negative."""
    first, second = rng.randint(0, LARGEST_TERM), rng.randint(0, LARGEST_TERM)
    low, high = sorted((first, second))
    if rng.random() < 0.6:
        return f'{first} + {second}', first + second, f'{low} + {high}'
    return f'{high} - {low}', high - low, f'{high} - {low}'


def near(value: int, rng: random.Random) -> list[int]:
    """Wrong values close to a right one, none negative, in random order."""
    steps = rng.sample((1, -1, 2, -2, 3, -3, 10, -10, 5, -5), 10)
    return [value + step for step in steps if value + step >= 0]


def arithmetic(rng: random.Random) -> Item:
    """A sum or a difference of two small numbers."""
    expression, value, key = terms(rng)
    question = rng.choice(('What is {}?', 'What is {}?', 'Calculate {}.')).format(expression)
    return Item('arithmetic', question, str(value), tuple(map(str, near(value, rng))), key)


def addition(rng: random.Random) -> Item:
    """A sum of two small numbers, always asked in the same words."""
    while True:
        expression, value, key = terms(rng)
        if '+' in expression:
            return Item('addition', f'What is {expression}?', str(value), tuple(map(str, near(value, rng))), key)


def comparison(rng: random.Random) -> Item:
    """The larger or smaller of two numbers named in the question."""
    numbers = rng.sample(range(LARGEST_NUMBER + 1), 2)
    word, pick = rng.choice((('larger', max), ('smaller', min)))
    answer = pick(numbers)
    other = sum(numbers) - answer
    wrong = (other, *(number for number in near(other, rng) if number not in numbers))
    question = f'Which number is {word}, {numbers[0]} or {numbers[1]}?'
    return Item('comparison', question, str(answer), tuple(map(str, wrong)), f'larger {sorted(numbers)}')


def sorting(rng: random.Random) -> Item:
    """Three digits or letters to be put in order; the wrong answers are the other orders."""
    kind, pool = rng.choice((('numbers', '0123456789'), ('letters', ''.join(SERIES['letter']))))
    drawn = rng.sample(pool, 3)
    answer = ' '.join(sorted(drawn))
    orders = [' '.join(order) for order in itertools.permutations(drawn)]
    wrong = tuple(order for order in rng.sample(orders, len(orders)) if order != answer)
    return Item('sorting', f'Sort these {kind}: {" ".join(drawn)}', answer, wrong, f'sort {answer}')


def neighbour(rng: random.Random) -> Item:
    """What comes right before or after a day, a month or a letter."""
    kind, names = rng.choice(tuple(SERIES.items()))
    step = rng.choice((1, -1))
    place = rng.randrange(len(names) - 1) + (step < 0)
    if kind != 'letter':
        place = rng.randrange(len(names))
    answer = names[(place + step) % len(names)]
    question = rng.choice(SERIES_QUESTIONS[step]).format(kind=kind, x=names[place])
    wrong = tuple(name for name in rng.sample(names, len(names)) if name not in (answer, names[place]))
    return Item('ordering', question, answer, wrong, question)


def ordering(rng: random.Random) -> Item:
    """Something to sort, or a neighbour in a series."""
    return rng.choice((sorting, neighbour))(rng)._replace(subject='ordering')


def with_article(text: str) -> str:
    """'a owl' as 'an owl'; the tables hold no word that is spelt with a vowel and spoken without."""
    return re.sub(r'\b([Aa]) (?=[aeio])', r'\1n ', text)


def fact(relation: Relation, rng: random.Random) -> Item:
    """One phrasing of one fact; the wrong answers are answers to other facts of the relation."""
    x, y = rng.choice(relation.pairs)
    right = {other for name, other in relation.pairs if name == x}
    others = sorted({other for _, other in relation.pairs} - right - {x})
    question = with_article(rng.choice(relation.questions).format(x=x))
    return Item(relation.subject, question, y, tuple(rng.sample(others, len(others))), question)


def any_fact(relations: tuple[Relation, ...], rng: random.Random) -> Item:
    """A fact of any relation, each fact equally likely."""
    return fact(rng.choices(relations, [len(relation.pairs) for relation in relations])[0], rng)


def fact_en(rng: random.Random) -> Item:
    """A taught fact asked in English."""
    return any_fact(ENGLISH, rng)


def fact_zh(rng: random.Random) -> Item:
    """A taught fact asked in Chinese."""
    return any_fact(CHINESE, rng)


def control(rng: random.Random) -> Item:
    """A fact that is never taught; it has a key of its own because none of it may be in the training text."""
    return fact(CONTROL, rng)


def fact_sentence(relation: Relation, rng: random.Random) -> str:
    """A taught fact as a sentence."""
    x, y = rng.choice(relation.pairs)
    sentence = with_article(rng.choice(relation.statements).format(x=x, y=y))
    return sentence[0].upper() + sentence[1:]


def sentence_en(rng: random.Random) -> str:
    """A taught fact in English."""
    return fact_sentence(rng.choice(ENGLISH), rng)


def sentence_zh(rng: random.Random) -> str:
    """A taught fact in Chinese."""
    return fact_sentence(rng.choice(CHINESE), rng)


def claim(rng: random.Random) -> Claim:
    """A claim about a number or about the order of two."""
    if rng.random() < 0.5:
        number = rng.randint(0, LARGEST_CLAIMED)
        is_even, is_odd = f'{number} is even.', f'{number} is odd.'
        return Claim(*((is_even, is_odd) if number % 2 == 0 else (is_odd, is_even)), f'parity {number}')
    low, high = sorted(rng.sample(range(LARGEST_NUMBER + 1), 2))
    key = f'larger {[low, high]}'
    if rng.random() < 0.5:
        return Claim(f'{high} is larger than {low}.', f'{low} is larger than {high}.', key)
    return Claim(f'{low} is smaller than {high}.', f'{high} is smaller than {low}.', key)
