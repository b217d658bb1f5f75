"""Multiple-choice benchmarks: CLUE, SuperGLUE and the like. What odd rows give, and how wrong ones are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_datasets import elsewhere, hub_copy, write  # noqa: F401

from opencompass.datasets import (
    AFQMCDataset_V2,
    ARCDataset,
    AXDataset_V2,
    BoolQDataset,
    BoolQDataset_V2,
    C3Dataset,
    C3Dataset_V2,
    CBDataset_V2,
    CHIDDataset_V2,
    CluewscDataset,
    CluewscDataset_V2,
    COPADataset_V2,
    DRCDDataset,
    MultiRCDataset,
    MultiRCDataset_V2,
    OBQADataset,
    RaceDataset,
    ReCoRDDataset,
    TNewsDataset,
    TNewsDataset_V2,
    WiCDataset,
    WSCDataset,
    WSCDataset_V3,
    bustumDataset_V2,
    cmnliDataset_V2,
    commonsenseqaDataset,
    eprstmtDataset_V2,
    hellaswagDataset,
    hellaswagDataset_V2,
    piqaDataset_V2,
    siqaDataset_V2,
    storyclozeDataset_V2,
    winogradDataset,
    winograndeDataset_V2,
)
from opencompass.datasets._read import CorruptFile

PRONOUN = {'span1_text': '学生们', 'span1_index': 0, 'span2_text': '他们', 'span2_index': 4}


def lines(*rows: dict) -> Path:
    return write('rows.jsonl', ''.join(json.dumps(row, ensure_ascii=False) + '\n' for row in rows))


def loaded(dataset: Any, *rows: dict) -> list[dict]:
    """Of a class that reads a file of lines."""
    return dataset.load(path=str(lines(*rows))).to_list()


def mapped(dataset: Any, *rows: dict) -> list[dict]:
    """Of a class that makes rows of the rows of a hub's data set."""
    from datasets import Dataset

    return dataset.mapped(Dataset.from_list(list(rows)), 'hub').to_list()


@pytest.mark.parametrize(
    ('dataset', 'row', 'message'),
    [
        (AFQMCDataset_V2, {'label': '-1'}, "sentence1, sentence2 and label (0 or 1), found the label '-1'"),
        (bustumDataset_V2, {'label': '2'}, "sentence1, sentence2 and label (0 or 1), found the label '2'"),
        (AFQMCDataset_V2, {'sentence1': 'a'}, "'label', found only sentence1"),
        (AXDataset_V2, {'label': 'x'}, "two sentences and label (entailment or not_entailment), found the label 'x'"),
        (cmnliDataset_V2, {'label': 'x'}, "(entailment, contradiction, neutral or -), found the label 'x'"),
        (TNewsDataset_V2, {'sentence': 'a', 'label_desc': 'news_x'}, "news_stock), found the label 'news_x'"),
        (eprstmtDataset_V2, {'sentence': 'a', 'label': 'positive'}, "Negative), found the label 'positive'"),
        (BoolQDataset_V2, {'label': 'True'}, "question, passage and label (true or false), found the label 'True'"),
        (
            MultiRCDataset,
            {'passage': {'text': 't', 'questions': [{'question': 'q', 'answers': [{'text': 'a'}]}]}},
            "found an item without it: KeyError('label')",
        ),
        (
            MultiRCDataset_V2,
            {'passage': {'text': 't', 'questions': [{'question': 'q', 'answers': [{'text': 'a', 'label': 2}]}]}},
            'found the label 2',
        ),
        (ReCoRDDataset, {'passage': {'text': 'a'}, 'qas': [{'query': 'q'}]}, "without it: KeyError('answers')"),
        (CHIDDataset_V2, {'content': '', 'candidates': ['甲'], 'answer': 1}, 'from 0), found the label 1'),
        (WSCDataset_V3, {'text': 'a', 'target': PRONOUN}, "'label', found only text, target"),
    ],
)
def test_wrong_line_is_named_with_what_is_expected(dataset, row, message):
    write('rows.jsonl', f'\n{json.dumps(row)}\n')
    with pytest.raises(CorruptFile) as error:
        dataset.load(path='rows.jsonl')
    assert str(error.value).startswith('rows.jsonl line 2: expected ')
    assert str(error.value).endswith(message)


@pytest.mark.parametrize(
    ('dataset', 'row', 'message'),
    [
        (TNewsDataset, {'label_desc': 'news_x'}, "news_stock), found the label 'news_x'"),
        (
            CluewscDataset,
            {'text': '短', 'target': PRONOUN, 'label': 'true'},
            'found the span2_index 4, which is not in the text',
        ),
        (WSCDataset, {'text': 'a b', 'target': {'span2_text': 'the thing'}}, "found the words 'the thing'"),
        (commonsenseqaDataset, {'choices': {'text': [*'abcd']}}, 'expected choices (text: 5 or more), found only the '),
        (OBQADataset, {'choices': {'text': [*'abc']}}, 'expected choices (text: 4 or more), found only the choices '),
        (hellaswagDataset, {'endings': [*'abc']}, "expected endings (4 or more), found only the choices ['a', 'b', 'c"),
        (hellaswagDataset_V2, {'endings': [*'abcd'], 'label': '4'}, "label (0 to 3, or empty), found the label '4'"),
        (winogradDataset, {'text': 't', 'options': ['a']}, 'expected text and options (2 or more), found only the cho'),
        (RaceDataset, {'options': [*'ab']}, "expected options (4 or more), found only the choices ['a', 'b']"),
        (siqaDataset_V2, {'label': '0'}, "expected label (1 to 3), found the label '0'"),
        (siqaDataset_V2, {'label': '4'}, "expected label (1 to 3), found the label '4'"),
        (storyclozeDataset_V2, {'answer_right_ending': 0}, 'answer_right_ending (1 or 2), found the label 0'),
        (piqaDataset_V2, {'label': '1'}, "-1 where it is not published), found the label '1'"),
        (winograndeDataset_V2, {'answer': '3'}, "(1, 2, or empty), found the label '3'"),
    ],
)
def test_wrong_row_is_named_with_what_is_expected(dataset, row, message):
    with pytest.raises(CorruptFile) as error:
        mapped(dataset, row)
    assert str(error.value).startswith('hub row 1: expected ')
    assert message in str(error.value)


def test_wrong_row_of_a_file_or_of_a_split_is_named():
    hub_copy('data/_hub/quiz', '{"options": ["a", "b", "c", "d"]}\n{"options": ["a"]}\n')
    with pytest.raises(CorruptFile, match=r'^quiz main test row 2: expected options'):
        RaceDataset.load(path='quiz', name='main')
    with pytest.raises(CorruptFile, match=r'rows\.jsonl row 1: expected sentence and label_desc'):
        TNewsDataset.load(path='json', data_files=str(lines({'label_desc': 'x'})), split='train')


def test_blank_lines_and_a_byte_order_mark_are_no_rows():
    write('rows.jsonl', '\ufeff{"label": "neutral"}\n\n{"label": "entailment"}\n\n')
    assert CBDataset_V2.load(path='rows.jsonl').to_list() == [{'label': 'C'}, {'label': 'B'}]


def test_truth_values_count_like_their_texts():
    """SuperGLUE publishes truth values; copies have the texts."""
    assert [row['label'] for row in loaded(BoolQDataset_V2, {'label': True}, {'label': False})] == ['A', 'B']
    row = {'text': '学生们，他们走了', 'target': PRONOUN, 'label': True}
    assert loaded(CluewscDataset_V2, row)[0]['label'] == loaded(WSCDataset_V3, row)[0]['label'] == 'A'
    for dataset in (BoolQDataset, WiCDataset):
        assert [row['answer'] for row in mapped(dataset, {'label': True}, {'label': False})] == [1, 0]


def test_number_of_an_answer_may_be_a_text():
    assert loaded(COPADataset_V2, {'label': '1'}) == [{'label': 'B'}]
    assert loaded(CHIDDataset_V2, {'content': '', 'candidates': ['甲', '乙'], 'answer': '1'})[0]['answer'] == 'B'
    endings = [*'abcd']
    rows = mapped(hellaswagDataset_V2, {'endings': endings, 'label': 2}, {'endings': endings, 'label': 0})
    assert [row['label'] for row in rows] == ['C', 'A']


def test_answers_that_are_not_published_have_a_label_of_their_own():
    assert mapped(hellaswagDataset_V2, {'endings': [*'abcd'], 'label': ''})[0]['label'] == 'NULL'
    assert mapped(piqaDataset_V2, {'goal': 'g', 'label': -1}) == [{'goal': 'g', 'answer': 'NULL'}]
    row = {'sentence': '_', 'option1': 'a', 'option2': 'b', 'answer': ''}
    assert mapped(winograndeDataset_V2, row) == [{'opt1': 'a', 'opt2': 'b', 'label': 'NULL'}]


def test_more_choices_than_columns_are_dropped():
    assert mapped(RaceDataset, {'options': [*'abcde']}) == [dict(zip('ABCD', 'abcd', strict=True))]


def test_answers_of_arc_stay_numbers_where_the_exam_has_numbers():
    choices = [{'text': text, 'label': label} for text, label in zip('abcd', '1234', strict=True)]
    rows = loaded(ARCDataset, {'question': {'stem': 'q', 'choices': choices}, 'answerKey': '2'})
    assert rows == [{'question': 'q', 'answerKey': '2', 'textA': 'a', 'textB': 'b', 'textC': 'c', 'textD': 'd'}]


def test_drcd_question_without_answers_is_named():
    write('dev.json', '{"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q"}]}]}]}')
    with pytest.raises(CorruptFile, match=r"^dev\.json: expected data > paragraphs .*KeyError\('answers'\)$"):
        DRCDDataset.load(path='dev.json')


@pytest.mark.parametrize('dataset', [C3Dataset, C3Dataset_V2])
@pytest.mark.parametrize('answer', ['5', '丙'])
def test_c3_answer_that_is_none_of_the_four_choices_is_named(dataset, answer):
    asked = {'question': 'q', 'choice': [*'12345'], 'answer': answer}
    write('dev.json', json.dumps([[['a'], [], 'x'], [['a'], [asked], 'y']]))
    with pytest.raises(CorruptFile) as error:
        dataset.load(path='dev.json')
    assert str(error.value).startswith('dev.json item 2: expected [[paragraph, ...], [{question, choice: [up to 4], ')
    assert str(error.value).endswith(f"found the answer '{answer}' to ['1', '2', '3', '4', '5']")


def test_marks_stand_around_spans_of_any_length_wherever_they_are():
    target = {'span1_text': 'the old man', 'span1_index': 2, 'span2_text': 'He', 'span2_index': 0}
    row = {'text': 'He saw the old man', 'target': target, 'label': 'true'}
    assert loaded(WSCDataset_V3, row)[0]['text'] == '# He # saw * the old man *'


def test_missing_file_of_lines_says_what_it_holds():
    with pytest.raises(FileNotFoundError, match='COPADataset_V2 needs data/val.jsonl .in each line premise, question'):
        COPADataset_V2.load(path='data/val.jsonl')
