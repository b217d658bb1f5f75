"""HumanEval: Python functions to complete."""

from __future__ import annotations

from opencompass.registry import TEXT_POSTPROCESSORS
from opencompass.utils.extraction import after, first_paragraph

INDENT = '    '


@TEXT_POSTPROCESSORS.register_module('humaneval')
def humaneval_postprocess(text: str) -> str:
    """The first block of code, indented as the body of a function; if it begins with 'def', without its first line.

    An empty line ends the code, and the language of a fence stays as a line of code, so that '```python' fails:
    published scores of HumanEval are counted so.
    """
    code = after(first_paragraph(text), '```')
    if code.lstrip().startswith('def'):
        code = code.partition('\n')[2]
    return _indented(code)


def _indented(code: str) -> str:
    """The code four blanks deeper; where its first line has some blanks, that line alone is brought to four."""
    if code.startswith(INDENT):
        return code
    if code.startswith(' '):
        return INDENT + code.lstrip()
    return '\n'.join(INDENT + line for line in code.split('\n'))
