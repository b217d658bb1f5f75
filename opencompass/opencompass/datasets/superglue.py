"""SuperGLUE: tasks of language understanding."""

from __future__ import annotations

from collections.abc import Iterator

from opencompass.registry import LOAD_DATASET, TEXT_POSTPROCESSORS
from opencompass.utils.extraction import first_line

from ._choices import TRUE_IS_A, is_true, letter, named, noun_and_pronoun, noun_for_pronoun
from ._rows import LinesDataset, MappedDataset

MULTIRC_EXPECTS = 'passage (text, questions > (question, answers > (text, label)))'
WIC_EXPECTS = 'word, sentence1, sentence2 and label (true or false)'
BOOLQ_EXPECTS = 'question, passage and label (true or false)'


@LOAD_DATASET.register_module()
class AXDataset_V2(LinesDataset):
    """AX-b, AX-g and RTE: `label` is A where a sentence follows from the other, else B."""

    expects = 'two sentences and label (entailment or not_entailment)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [line | {'label': named(line['label'], {'entailment': 'A', 'not_entailment': 'B'})}]


@LOAD_DATASET.register_module()
class BoolQDataset(MappedDataset):
    """Yes-no questions about a passage; `answer` is 1 for yes, else 0."""

    expects = BOOLQ_EXPECTS

    @staticmethod
    def row(row: dict) -> dict:
        return {'answer': int(is_true(row['label']))}


@LOAD_DATASET.register_module()
class BoolQDataset_V2(LinesDataset):
    """Yes-no questions about a passage; `label` is A for yes, B for no."""

    expects = BOOLQ_EXPECTS

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [line | {'label': named(line['label'], TRUE_IS_A)}]


@LOAD_DATASET.register_module()
class CBDataset_V2(LinesDataset):
    """CommitmentBank: does a premise contradict a hypothesis (`label` A), entail it (B), or neither (C)?"""

    expects = 'premise, hypothesis and label (contradiction, entailment or neutral)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [line | {'label': named(line['label'], {'contradiction': 'A', 'entailment': 'B', 'neutral': 'C'})}]


@LOAD_DATASET.register_module()
class COPADataset_V2(LinesDataset):
    """Which of two is the cause, or the effect, of the premise? `label` is A for `choice1`, B for `choice2`."""

    expects = 'premise, question, choice1, choice2 and label (0 or 1)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [line | {'label': letter(line['label'], 'AB')}]


@LOAD_DATASET.register_module()
class MultiRCDataset(LinesDataset):
    """A row for each proposed `answer` to a `question` about a `text`; `label` is 1 where it is right, else 0."""

    expects = MULTIRC_EXPECTS
    columns = ['text', 'question', 'answer', 'label']

    @staticmethod
    def rows(line: dict) -> Iterator[dict]:
        passage = line['passage']
        for asked in passage['questions']:
            for answer in asked['answers']:
                yield {
                    'text': passage['text'],
                    'question': asked['question'],
                    'answer': answer['text'],
                    'label': answer['label'],
                }


@LOAD_DATASET.register_module()
class MultiRCDataset_V2(LinesDataset):
    """As MultiRCDataset, but `label` is A where the answer is right, else B."""

    expects = MULTIRC_EXPECTS
    columns = MultiRCDataset.columns

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [row | {'label': letter(row['label'], 'BA')} for row in MultiRCDataset.rows(line)]


@LOAD_DATASET.register_module()
class ReCoRDDataset(LinesDataset):
    """A row for each `question`, a sentence with a blank, about a `text`; any of `answers` fills it."""

    expects = 'passage (text) and qas > (query, answers > text)'
    columns = ['text', 'question', 'answers']

    @staticmethod
    def rows(line: dict) -> Iterator[dict]:
        text = line['passage']['text'].replace('@highlight', '')
        for asked in line['qas']:
            yield {
                'text': text,
                'question': asked['query'].replace('@placeholder', '____'),
                'answers': [answer['text'] for answer in asked['answers']],
            }


@TEXT_POSTPROCESSORS.register_module('ReCoRD')
def ReCoRD_postprocess(text: str) -> str:
    """The first line of the stripped text, with every 'Answer: ' taken out."""
    return first_line(text.strip()).replace('Answer: ', '').strip()


@LOAD_DATASET.register_module()
class WSCDataset(MappedDataset):
    """Does a pronoun mean a certain noun? `new_text` has the noun instead; `answer` is 1 where that is right."""

    expects = 'text, target (span1_text, span2_text: a single word, span2_index) and label (true or false)'
    removed = ['target']

    @staticmethod
    def row(row: dict) -> dict:
        pronoun = row['target']['span2_text']
        if ' ' in pronoun:
            raise ValueError(f'the words {pronoun!r}')
        return noun_for_pronoun(row, row['text'].split(' '), ' ')


@LOAD_DATASET.register_module()
class WSCDataset_V2(LinesDataset):
    """`text`, the noun `span1` and the pronoun `span2`; `label` is A where they mean the same, else B."""

    expects = 'text, target (span1_text, span2_text) and label (true or false)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [noun_and_pronoun(line)]


@LOAD_DATASET.register_module()
class WSCDataset_V3(LinesDataset):
    """As WSCDataset_V2, with marks around the * noun * and the # pronoun # in the text."""

    expects = 'text, target (span1_text, span1_index, span2_text, span2_index) and label (true or false)'

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [noun_and_pronoun(line) | {'text': _marked(line['text'], line['target'])}]


def _marked(text: str, target: dict) -> str:
    """The text with marks before and after the words of each span; a span that begins after its end has none."""
    before: dict[int, list[str]] = {}
    after: dict[int, list[str]] = {}
    for mark, name in (('*', 'span1'), ('#', 'span2')):
        first = target[f'{name}_index']
        before.setdefault(first, []).append(mark)
        after.setdefault(first + len(target[f'{name}_text'].split(' ')) - 1, []).append(mark)
    words = [
        word
        for number, one in enumerate(text.split(' '))
        for word in (*before.get(number, []), one, *after.get(number, []))
    ]
    return ' '.join(words)


@LOAD_DATASET.register_module()
class WiCDataset(MappedDataset):
    """Has a word the same meaning in two sentences? `answer` is 1 for yes, else 0."""

    expects = WIC_EXPECTS

    @staticmethod
    def row(row: dict) -> dict:
        return {'answer': int(is_true(row['label']))}


@LOAD_DATASET.register_module()
class WiCDataset_V2(LinesDataset):
    """Has a word the same meaning in two sentences? `label` is A for yes, B for no."""

    expects = WIC_EXPECTS

    @staticmethod
    def rows(line: dict) -> list[dict]:
        return [line | {'label': named(line['label'], TRUE_IS_A)}]
