"""Answers out of the texts that models give to AGIEval's questions, as its publisher takes them."""

from __future__ import annotations

import re

from opencompass.utils.extraction import first_match, last_boxed

from .subsets import CHINESE_CHOICE, CHINESE_CLOZE, CLOZE, ENGLISH_CHOICE, ENGLISH_CLOZE, SEVERAL_RIGHT

COT = 'few-shot-CoT'
#: How an answer begins that imitates the examples of a few-shot prompt.
CLOZE_MARKS = {ENGLISH_CLOZE: 'The answer is therefore', CHINESE_CLOZE: '答案是'}
CHOICE_MARKS = {'en': 'answer is', 'zh': '答案是'}
NUMBER = r'\$?\d+(?:\.\d+)?(?!\w)'


def post_process(dataset_name: str, setting_name: str, prediction: str) -> str | list[str] | None:
    """The answer to a question of the subset: a formula or None, a list of letters, or a letter or ''."""
    if dataset_name in CLOZE:
        return parse_math_answer(setting_name, prediction)
    if dataset_name in SEVERAL_RIGHT:
        return parse_qa_multiple_answer(prediction, setting_name)
    if 'zero-shot' in setting_name:
        return find_first_capital_letter(prediction)
    language = _language(dataset_name)
    if language is None:
        raise ValueError(f'AGIEval has no few-shot prompt for a subset {dataset_name!r}, so no answers to it either')
    return parse_few_shot_qa_single_answer(prediction, setting_name, language)


def parse_math_answer(setting_name: str, raw_string: str) -> str | None:
    """A formula or number, None if there is none.

    With examples in the prompt it is what follows 'The answer is therefore' or '答案是'. Without, the last box, else
    what stands between the first and the last dollar sign, else after the last '=', else the last number: of '3.5km'
    the 3, of '1,234' the 234, of '-3' the 3. Published scores are counted so.
    """
    text = extract_last_line(raw_string) if setting_name == COT else raw_string
    text = remove_few_shot_prefix(text)
    if setting_name in ('few-shot', COT):
        return text
    if r'\boxed' in text:
        return _value(last_boxed(text))
    between = re.findall(r'\$(.*)\$', text)
    if between and between[-1]:
        return _value(between[-1])
    if '=' in text:
        return text.rpartition('=')[2].lstrip(' ').rstrip('.').split(r'\n')[0]
    return next(reversed(re.findall(NUMBER, text)), None)


def _value(formula: str | None) -> str | None:
    """What follows the last '='."""
    return formula.rpartition('=')[2].lstrip(' ') if formula and '=' in formula else formula


def parse_qa_multiple_answer(string: str, setting_name: str) -> list[str]:
    """All capital letters, of the last line where the answer was to be explained first."""
    return re.findall('[A-Z]', extract_last_line(string) if setting_name == COT else string)


def parse_few_shot_qa_single_answer(string: str, setting_name: str, language: str = 'en') -> str:
    """The letter after 'answer is' or '答案是', else the first letter of all."""
    text = extract_last_line(string) if setting_name == COT else string
    return _marked_letter(text, language) or find_first_capital_letter(string)


def find_first_capital_letter(answer: str) -> str:
    """The first of the letters A to F, '' if there is none."""
    return first_match('[A-F]', answer)


def extract_last_line(string: str) -> str:
    """The last line that is not blank; a text of blank lines as it is."""
    return next((line for line in reversed(string.split('\n')) if line.strip()), string)


def remove_few_shot_prefix(string: str) -> str:
    """What follows 'The answer is therefore' or '答案是', the one at the start or else the last one, stripped."""
    for mark in CLOZE_MARKS.values():
        if string.startswith(mark):
            string = string.removeprefix(mark).strip()
        elif mark in string:
            string = string.rpartition(mark)[2].strip()
    return string


def extract_answer_in_bracket(answer: str, prefix: str = '【', suffix: str = '】') -> str:
    """What stands between the first prefix and the first suffix, '' if they do not come in this order."""
    begin, end = answer.find(prefix), answer.find(suffix)
    return answer[begin + len(prefix) : end] if 0 <= begin < end else ''


def try_parse_few_shot_pattern(string: str, dataset_name: str, setting_name: str) -> bool:
    """Whether the answer has the form of the examples in a few-shot prompt."""
    text = extract_last_line(string) if setting_name == COT else string
    for names, mark in CLOZE_MARKS.items():
        if dataset_name in names:
            return text.startswith(mark)
    language = _language(dataset_name)
    return language is not None and _marked_letter(text, language) != ''


def _language(dataset_name: str) -> str | None:
    """Of a subset with choices; None of another."""
    return 'en' if dataset_name in ENGLISH_CHOICE else 'zh' if dataset_name in CHINESE_CHOICE else None


def _marked_letter(text: str, language: str) -> str:
    return first_match(f'{CHOICE_MARKS[language]}.*?([A-G])', text)
