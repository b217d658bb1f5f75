"""CLUE and FewCLUE: understanding of Chinese texts."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._choices import columns_of, letter, named, noun_and_pronoun, noun_for_pronoun
from ._read import layout, read_json
from ._rows import LinesDataset, MappedDataset, table
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import Dataset

BLANK = '#idiom#'
C3_COLUMNS = ['choice0', 'choice1', 'choice2', 'choice3']
C3_EXPECTS = '[[paragraph, ...], [{question, choice: [up to 4], answer: one of them}, ...], id]'
#: The class of a TNEWS headline -> what prompts call it; the letters of TNewsDataset_V2 are in this order.
TOPICS = {
    'news_agriculture': '农业新闻',
    'news_travel': '旅游新闻',
    'news_game': '游戏新闻',
    'news_tech': '科技类别公司新闻',
    'news_sports': '体育类别新闻',
    'news_edu': '初升高教育新闻',
    'news_entertainment': '娱乐圈新闻',
    'news_finance': '投资资讯',
    'news_military': '军事类别常识',
    'news_car': '车辆新闻',
    'news_house': '楼市新闻',
    'news_world': '环球不含中国类别新闻',
    'news_culture': '书籍文化历史类别新闻',
    'news_story': '故事类别新闻',
    'news_stock': '股票市场类别新闻',
}
TOPIC_LETTERS = dict(zip(TOPICS, ascii_uppercase, strict=False))
TOPIC_EXPECTS = f'sentence and label_desc ({", ".join(TOPICS)})'


@LOAD_DATASET.register_module()
class AFQMCDataset_V2(LinesDataset):
    """Pairs of questions; `label` is B where they mean the same, else A."""

    expects = 'sentence1, sentence2 and label (0 or 1)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [line | {'label': letter(line['label'], 'AB')}]


@LOAD_DATASET.register_module()
class bustumDataset_V2(AFQMCDataset_V2):
    """BUSTM, in the layout of AFQMC."""


@LOAD_DATASET.register_module()
class C3Dataset(BaseDataset):
    """Questions about a dialogue or a text. Of fewer than four choices, the first stands in for those that lack."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The questions of the JSON file; `label` is the number of the answer, from 0."""
        rows = []
        for asked in _c3_questions(path, 'C3Dataset'):
            choices = asked.choices + asked.choices[:1] * (len(C3_COLUMNS) - len(asked.choices))
            rows.append(
                {'content': ' '.join(asked.paragraphs), 'question': asked.question}
                | columns_of(choices, C3_COLUMNS)
                | {'choices': choices, 'label': asked.answer}
            )
        return table(rows)


@LOAD_DATASET.register_module()
class C3Dataset_V2(BaseDataset):
    """As C3Dataset, but the choices that lack are '[NULL]'."""

    @staticmethod
    def load(path: str) -> Dataset:
        """The questions of the JSON file; `label` is the letter of the answer."""
        return table(
            [
                {'content': ''.join(asked.paragraphs), 'question': asked.question}
                | columns_of([*asked.choices, *['[NULL]'] * len(C3_COLUMNS)], C3_COLUMNS)
                | {'label': ascii_uppercase[asked.answer]}
                for asked in _c3_questions(path, 'C3Dataset_V2')
            ]
        )


class C3Question(NamedTuple):
    """`answer` is the number of a choice, from 0."""

    paragraphs: list[str]
    question: str
    choices: list[str]
    answer: int


def _c3_questions(path: str, wanted_by: str) -> Iterator[C3Question]:
    file = need_local(path, wanted_by, f'a JSON list of {C3_EXPECTS}')
    for number, item in enumerate(read_json(file), 1):
        with layout(f'{file} item {number}', C3_EXPECTS):
            for asked in item[1]:
                choices, answer = asked['choice'], asked['answer']
                if answer not in choices[: len(C3_COLUMNS)]:
                    raise ValueError(f'the answer {answer!r} to {choices}')
                yield C3Question(item[0], asked['question'], choices, choices.index(answer))


@LOAD_DATASET.register_module()
class cmnliDataset_V2(LinesDataset):
    """CMNLI and OCNLI: does one sentence follow from another? Pairs without a label ('-') are left out."""

    expects = 'sentence1, sentence2 and label (entailment, contradiction, neutral or -)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        if line['label'] == '-':
            return []
        return [line | {'label': named(line['label'], {'entailment': 'A', 'contradiction': 'B', 'neutral': 'C'})}]


@LOAD_DATASET.register_module()
class CHIDDataset(MappedDataset):
    """A text with a blank for an idiom; `content0` to `content6` are the text with each of the candidates."""

    expects = f'candidates and content with {BLANK}'

    @staticmethod
    def row(row: dict) -> dict:
        return {f'content{number}': row['content'].replace(BLANK, one) for number, one in enumerate(row['candidates'])}


@LOAD_DATASET.register_module()
class CHIDDataset_V2(LinesDataset):
    """`content` with underscores as the blank, the candidates `A` to `G`, and the letter of the `answer`."""

    expects = f'content with {BLANK}, candidates (up to 7) and answer (the number of one, from 0)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        candidates = dict(zip('ABCDEFG', line['candidates'], strict=False))
        answer = letter(line['answer'], ''.join(candidates))
        return [{'content': line['content'].replace(BLANK, '______'), **candidates, 'answer': answer}]


@LOAD_DATASET.register_module()
class CluewscDataset(MappedDataset):
    """Does a pronoun mean a certain noun? `new_text` has the noun instead; `answer` is 1 where that is right."""

    expects = 'text, target (span1_text, span2_text, span2_index) and label (true or false)'
    removed = ['target']

    @staticmethod
    def row(row: dict) -> dict:
        # One character gives way, of a longer pronoun like 他们 the rest stays: published scores are of such texts.
        return noun_for_pronoun(row, list(row['text']), '')


@LOAD_DATASET.register_module()
class CluewscDataset_V2(LinesDataset):
    """`text`, the noun `span1` and the pronoun `span2`; `label` is A where they mean the same, else B."""

    expects = 'text, target (span1_text, span2_text) and label (true or false)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [noun_and_pronoun(line)]


@LOAD_DATASET.register_module()
class CslDataset(MappedDataset):
    """Abstracts of papers; `keywords` are one text."""

    expects = 'keyword (a list of texts)'

    @staticmethod
    def row(row: dict) -> dict:
        return {'keywords': '，'.join(row['keyword'])}


@LOAD_DATASET.register_module()
class CslDataset_V2(LinesDataset):
    """`abst` and `keywords`, one text; `label` is B where all keywords are the paper's, else A."""

    expects = 'abst, keyword (a list of texts) and label (0 or 1)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        keywords = '，'.join(line['keyword'])
        return [{'abst': line['abst'], 'keywords': keywords, 'label': letter(line['label'], 'AB')}]


@LOAD_DATASET.register_module()
class TNewsDataset(MappedDataset):
    """Headlines; `label_desc2` is their class in Chinese."""

    expects = TOPIC_EXPECTS

    @staticmethod
    def row(row: dict) -> dict:
        return {'label_desc2': named(row['label_desc'], TOPICS)}


@LOAD_DATASET.register_module()
class TNewsDataset_V2(LinesDataset):
    """`sentence`, a headline, and `label_desc2`, the letter of its class."""

    expects = TOPIC_EXPECTS

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [{'sentence': line['sentence'], 'label_desc2': named(line['label_desc'], TOPIC_LETTERS)}]


@LOAD_DATASET.register_module()
class eprstmtDataset_V2(LinesDataset):
    """`sentence`, a customer's opinion; `label` is A where it is positive, else B."""

    expects = 'sentence and label (Positive or Negative)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [{'sentence': line['sentence'], 'label': named(line['label'], {'Positive': 'A', 'Negative': 'B'})}]
