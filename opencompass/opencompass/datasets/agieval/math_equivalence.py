"""Whether two formulas are the same answer, as MATH counts it (Hendrycks et al. 2021, arXiv:2103.03874)."""

from __future__ import annotations

import re

# In this order.
REPLACED = {
    '\n': '',
    r'\!': '',
    '\\\\': '\\',
    'tfrac': 'frac',
    'dfrac': 'frac',
    r'\left': '',
    r'\right': '',
    r'^{\circ}': '',
    r'^\circ': '',
    r'\$': '',
}
UNIT = r'\text{ '
LONGEST_NAME = 2


class _Unreadable(ValueError):
    """A formula that is compared as it is written."""


def is_equiv(one: str | None, other: str | None) -> bool:
    """Whether two formulas are the same once spelled alike. Nothing equals nothing only.

    Where one of them cannot be respelled, say for two units or letters on both sides of a slash, they have to be equal
    as they stand: published scores are counted so.
    """
    if one is None or other is None:
        return one is other
    try:
        return _respelled(one) == _respelled(other)
    except _Unreadable:
        return one == other


def _respelled(text: str) -> str:
    """The formula without units, blanks and the name before '=', with full braces and fractions."""
    for spelled, plain in REPLACED.items():
        text = text.replace(spelled, plain)
    text = _without_unit(text).replace(r'\%', '')
    text = re.sub(r'(?<=[ {])\.|^\.', '0.', text)
    text = _braced_fractions(_braced_roots(_without_name(text)).replace(' ', ''))
    return _as_fraction(r'\frac{1}{2}' if text == '0.5' else text)


def _without_unit(text: str) -> str:
    before, *units = text.split(UNIT)
    if len(units) > 1:
        raise _Unreadable(text)
    return before


def _without_name(text: str) -> str:
    """What follows the only '=', if a short name stands before it: '5' of 'x = 5'."""
    name, *values = text.split('=')
    return values[0] if len(values) == 1 and len(name) <= LONGEST_NAME else text


def _braced_roots(text: str) -> str:
    before, *roots = text.split(r'\sqrt')
    if '' in roots:
        raise _Unreadable(text)
    return before + ''.join(rf'\sqrt{_braced(root, 1)}' for root in roots)


def _braced_fractions(text: str) -> str:
    """'\\frac12' as '\\frac{1}{2}'; all as it is where one fraction has nothing to divide by."""
    before, *fractions = text.split(r'\frac')
    for one in fractions:
        if not one:
            raise _Unreadable(text)
        if len(one) < 2 and one != '{':
            return text
    return before + ''.join(rf'\frac{_braced(one, 2)}' for one in fractions)


def _braced(text: str, arguments: int) -> str:
    """The text with braces around its first signs, one an argument, where they have none."""
    if not arguments or text[:1] in ('', '{'):
        return text
    return f'{{{text[0]}}}{_braced(text[1:], arguments - 1)}'


def _as_fraction(text: str) -> str:
    """'1/2' as '\\frac{1}{2}'; only whole numbers."""
    parts = text.split('/')
    if len(parts) != 2:
        return text
    try:
        above, below = (int(part) for part in parts)
    except ValueError as error:
        raise _Unreadable(text) from error
    return rf'\frac{{{above}}}{{{below}}}' if text == f'{above}/{below}' else text
