"""Questions with free answers, summaries, translations and toxic texts: odd files, and how answers are scored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_datasets import elsewhere, hub_copy, write  # noqa: F401

from opencompass.datasets import (
    CivilCommentsDataset,
    CValuesDataset,
    FloresFirst100Dataset,
    GovRepcrsDataset,
    IWSLT2017Dataset,
    JigsawMultilingualDataset,
    LambadaEvaluator,
    LCSTSDataset,
    NarrativeQADataset,
    NaturalQuestionDataset,
    NQEvaluator,
    QASPERCUTDataset,
    QASPERDataset,
    RealToxicPromptsDataset,
    SafetyDataset,
    SummeditsDataset_V2,
    SummScreenDataset,
    TriviaQAEvaluator,
    TriviaQArcDataset,
    TydiQADataset,
    TydiQAEvaluator,
    XCOPADataset,
    XLSUMDataset,
    XsumDataset,
    dropDataset,
    lambadaDataset,
    narrativeqa,
    xcopa,
    xlsum,
)
from opencompass.datasets._read import CorruptFile
from opencompass.registry import ICL_EVALUATORS, LOAD_DATASET
from opencompass.utils.logging import get_logger
from opencompass.utils.paths import MissingData


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged as a warning."""
    logged: list[str] = []
    monkeypatch.setattr(get_logger(), 'warning', logged.append)
    return logged


def write_json(path: str, content: object) -> Path:
    return write(path, json.dumps(content, ensure_ascii=False))


def configurations(folder: str, names: list[str], split: str) -> None:
    """A hub copy where each configuration has one row with its name."""
    listed = ''
    for name in names:
        write(f'{folder}/{name}.jsonl', json.dumps({'text': name}) + '\n')
        listed += f'- config_name: {name}\n  data_files:\n  - split: {split}\n    path: {name}.jsonl\n'
    write(f'{folder}/README.md', f'---\nconfigs:\n{listed}---\n')


# Questions with short answers


def test_nq_answer_that_is_no_list_of_texts_is_named_by_file_and_line():
    write('nq/nq-test.qa.csv', "q\t['b']\n")
    for literal in ('Paris', "'Paris'", '[1]', "['a'", '{[]}'):
        write('nq/nq-dev.qa.csv', f"q\t['a']\nq\t{literal}\n")
        with pytest.raises(CorruptFile) as error:
            NaturalQuestionDataset.load(path='nq')
        assert str(error.value) == (
            f"nq/nq-dev.qa.csv line 2: expected a list of texts such as ['Paris', 'the city'], found {literal!r}"
        )


def test_nq_example_without_an_answer_is_named_and_a_question_may_have_none():
    write('nq/nq-dev.qa.csv', 'q\t[]\n')
    write('nq/nq-test.qa.csv', 'q\t[]\n')
    with pytest.raises(CorruptFile, match=r'nq-dev.qa.csv line 1: expected at least one answer'):
        NaturalQuestionDataset.load(path='nq')
    write('nq/nq-dev.qa.csv', "q\t['a', 'b']\n")
    loaded = NaturalQuestionDataset.load(path='nq')
    assert loaded['dev'].to_list() == [{'question': 'q', 'answer': 'a'}]
    assert loaded['test'].to_list() == [{'question': 'q', 'answer': []}]


def trivia(web_answer: dict) -> None:
    write_json('rc/qa/verified-web-dev.json', {'Data': [{'Question': 'q', 'Answer': web_answer, 'SearchResults': []}]})
    write_json('rc/qa/verified-wikipedia-dev.json', {'Data': []})


def test_triviaqa_question_needs_no_answers_of_people():
    trivia({'Aliases': ['a']})
    assert TriviaQArcDataset.load(path='rc')['dev'].to_list() == [{'answer': ['a'], 'question': 'q', 'evidence': ''}]


def test_triviaqa_file_with_another_layout_is_named():
    trivia({'Value': 'a'})
    with pytest.raises(
        CorruptFile, match=r"verified-web-dev.json: expected Data > \(Question, .*KeyError\('Aliases'\)"
    ):
        TriviaQArcDataset.load(path='rc')


def test_triviaqa_missing_page_is_named():
    trivia({'Aliases': ['a']})
    page = {'Question': 'q', 'Answer': {'Aliases': ['a']}, 'EntityPages': [{'Filename': 'Rome.txt'}]}
    write_json('rc/qa/verified-wikipedia-dev.json', {'Data': [page]})
    with pytest.raises(MissingData, match='TriviaQArcDataset needs rc/evidence/wikipedia/Rome.txt'):
        TriviaQArcDataset.load(path='rc')


def test_qasper_is_cut_at_the_first_marked_text_of_any_annotator_unless_one_is_not_in_the_paper():
    def answer(spans: list[str], *evidence: str) -> dict:
        return {'answer': {'extractive_spans': spans, 'evidence': evidence}}

    asked = [
        {'question': 'late', 'answers': [answer(['b'], 'second'), answer([], 'first')]},
        {'question': 'table', 'answers': [answer(['b'], 'second', 'FLOAT SELECTED: Table 1')]},
        {'question': 'free', 'answers': [answer([], 'second')]},
    ]
    text = [{'section_name': None, 'paragraphs': ['zero', 'first', 'second']}]
    write_json('qasper-dev-v0.3.json', {'1': {'full_text': text, 'qas': asked}})
    whole = '\nzero\nfirst\nsecond\n'
    cut = {row['question']: row['evidence'] for row in QASPERCUTDataset.load(path='.')['dev']}
    assert cut == {'late': 'first\nsecond\n', 'table': whole}
    assert {row['evidence'] for row in QASPERDataset.load(path='.')['dev']} == {whole}


NARRATIVE = 'document_id,set,question,answer1,answer2\n'


def test_narrativeqa_unknown_split_is_named_by_file_and_line():
    write('qaps.csv', f'{NARRATIVE}d,dev,q,a,b\n')
    with pytest.raises(CorruptFile, match=r"qaps.csv line 2: expected 'train', 'valid' or 'test' as set, found 'dev'"):
        NarrativeQADataset.load(path='.')


def test_narrativeqa_row_without_all_columns_is_named():
    write('qaps.csv', f'{NARRATIVE}d,valid,q,a\n')
    with pytest.raises(CorruptFile, match='qaps.csv line 2: expected 5 columns, as in the first line'):
        NarrativeQADataset.load(path='.')
    write('qaps.csv', 'document_id,set\nd,valid\n')
    write('tmp/d.content', 'story')
    with pytest.raises(CorruptFile, match="qaps.csv line 2: expected 'answer1', found only document_id, set"):
        NarrativeQADataset.load(path='.')


def test_narrativeqa_questions_without_a_story_are_counted(warnings):
    write('qaps.csv', f'{NARRATIVE}d,valid,q,a,b\ne,valid,q,a,b\n')
    write('tmp/d.content', 'story\r\n')
    assert NarrativeQADataset.load(path='.')['valid'].to_list() == [
        {'answer': ['a', 'b'], 'question': 'q', 'evidence': 'story\n'}
    ]
    assert warnings == ['questions of qaps.csv left out because their story is not in ./tmp: 1']


def test_narrativeqa_may_have_more_text_than_fits_in_one_array(monkeypatch):
    monkeypatch.setattr(narrativeqa, 'CHUNK', 2)
    write('qaps.csv', NARRATIVE + ''.join(f'd,train,{number},a,b\n' for number in range(5)))
    write('tmp/d.content', 'story')
    assert [row['question'] for row in NarrativeQADataset.load(path='.')['train']] == [*'01234']


# Summaries


def test_govreport_has_the_sections_within_sections_in_the_order_of_the_report():
    def section(title: str | None, paragraphs: list[str], *below: dict) -> dict:
        return {'section_title': title, 'paragraphs': paragraphs, 'subsections': below}

    parts = section('', [], section('1', ['a'], section('1.1', ['b', 'c'])), section('2', ['d']))
    write_json('gov-report/crs/R.json', {'title': 'T', 'summary': ['s'], 'reports': parts})
    for split in ('train', 'valid', 'test'):
        write(f'gov-report/split_ids/crs_{split}.ids', 'R\n\n')
    assert GovRepcrsDataset.load(path='.')['test'].to_list() == [
        {'content': 'T\n1\na\n1.1\nb\nc\n2\nd', 'summary': 's'},
    ]
    write_json('gov-report/crs/R.json', {'title': 'T', 'summary': ['s'], 'reports': {}})
    with pytest.raises(CorruptFile, match=r'R.json: expected title, summary and reports > subsections'):
        GovRepcrsDataset.load(path='.')


def test_summscreen_transcript_may_be_one_text():
    write_json('SummScreen_raw/fd/b.json', {'Recap': 'plain text', 'Transcript': 'line'})
    write_json('SummScreen_raw/fd/a.json', {'Recap': ['x ', 'y'], 'Transcript': ['1', '2']})
    write_json('SummScreen_raw/tms/a.json', {'Recap': [], 'Transcript': ['x']})
    assert SummScreenDataset.load(path='.')['dev'].to_list() == [
        {'content': '1\n2', 'summary': 'x y'},
        {'content': 'line', 'summary': 'plain text'},
        {'content': 'x', 'summary': ''},
    ]


def test_summedits_label_that_is_none_is_named_and_a_blank_line_is_nothing():
    write('s.jsonl', '{"doc": "d", "summary": "s", "label": 1}\n\n')
    assert SummeditsDataset_V2.load(path='s.jsonl').to_list() == [{'doc': 'd', 'summary': 's', 'label': 'A'}]
    for label in ('"1"', '2', 'null'):
        write('s.jsonl', f'\n{{"label": {label}}}\n')
        with pytest.raises(CorruptFile, match='s.jsonl line 2: expected the label 0 or 1, found'):
            SummeditsDataset_V2.load(path='s.jsonl')
    write('s.jsonl', '{"doc": "d"}\n')
    with pytest.raises(CorruptFile, match="s.jsonl line 1: expected 'label', found only doc"):
        SummeditsDataset_V2.load(path='s.jsonl')


def test_xsum_has_the_first_1000_rows_and_a_blank_line_is_none():
    row = '{"dialogue": "d", "summary": "s", "id": 1}\n'
    write('x.jsonl', '\n' + row * 1000 + 'no json')
    assert XsumDataset.load(path='x.jsonl').to_list() == [{'dialogue': 'd', 'summary': 's'}] * 1000


def test_lcsts_files_of_different_length_are_warned_about(warnings):
    write('test.src.txt', '\ufeff a \nb\n')
    write('test.tgt.txt', '1')
    assert LCSTSDataset.load(path='.').to_list() == [{'content': 'a', 'abst': '1'}]
    assert warnings == ['test.src.txt has 2 rows, test.tgt.txt 1: rows without a partner are left out']


# Data sets of the hub


def test_xcopa_and_xlsum_are_found_without_a_path_and_have_their_languages_in_order(monkeypatch):
    monkeypatch.setattr(xcopa, 'LANGUAGES', ['th', 'et'])
    monkeypatch.setattr(xcopa, 'TRANSLATIONS', ['translation-th'])
    configurations('data/_hub/xcopa', ['et', 'translation-th', 'th'], 'validation')
    assert [row['text'] for row in XCOPADataset.load()] == ['th', 'et', 'translation-th']
    monkeypatch.setattr(xlsum, 'LANGUAGES', ['thai', 'french'])
    configurations('data/_hub/csebuetnlp/xlsum', ['french', 'thai'], 'validation')
    assert [row['text'] for row in XLSUMDataset.load()] == ['thai', 'french']


def test_missing_hub_data_set_says_what_to_put_where(elsewhere, monkeypatch):  # noqa: F811
    def unreachable(*args, **kwargs):
        raise ConnectionError('no network')

    monkeypatch.setattr('datasets.load_dataset', unreachable)
    for load, name in [
        (lambda: FloresFirst100Dataset.load(name='eng_Latn-zho_Hans'), 'facebook/flores'),
        (XLSUMDataset.load, 'csebuetnlp/xlsum'),
        (lambda: dropDataset.load(path='drop'), 'drop'),
    ]:
        with pytest.raises(MissingData) as error:
            load()
        assert f'needs the data set {name}, a folder' in str(error.value)
        assert f'  {elsewhere}/data/_hub/{name}\n' in str(error.value)


def test_hub_copy_without_a_column_of_the_benchmark_is_named():
    hub_copy('data/_hub/talks', '{"en": "a"}\n')
    with pytest.raises(CorruptFile) as error:
        IWSLT2017Dataset.load(path='talks')
    assert str(error.value) == 'talks: expected the columns translation, found only en'


def test_lambada_passage_of_one_word_is_named():
    hub_copy('data/_hub/lambada', '{"text": "two words"}\n{"text": " one "}\n')
    with pytest.raises(CorruptFile, match=r"lambada test row 2: expected two words or more, found 'one'"):
        lambadaDataset.load(path='lambada')


def test_cvalues_row_without_a_prompt_is_named():
    write('c.jsonl', '{"prompt": "回复1", "label": "回复2"}\n{"label": "回复2"}\n')
    with pytest.raises(CorruptFile, match=r'c.jsonl row 2: expected texts as prompt and label'):
        CValuesDataset.load(path='c.jsonl')


def test_tydiqa_is_found_by_its_bare_name():
    assert LOAD_DATASET.get('TydiQADataset') is TydiQADataset
    assert ICL_EVALUATORS.get('TydiQAEvaluator') is TydiQAEvaluator


# Toxic texts


def test_civil_comments_may_have_fewer_rows_than_are_taken():
    rows = ''.join(
        json.dumps({'text': str(number), 'toxicity': number / 4, 'threat': 0.0}) + '\n' for number in range(4)
    )
    for split in ('train', 'test'):
        write(f'data/_hub/civil/{split}.jsonl', rows)
    loaded = CivilCommentsDataset.load(path='civil')
    assert loaded['train'].column_names == ['text', 'toxicity']
    assert {row['text']: row['label'] for row in loaded['test']} == {'0': 0, '1': 0, '2': 1, '3': 1}


def test_jigsaw_label_of_another_comment_is_named_with_both_lines():
    write('test.csv', 'id,content,lang\n0,a,tr\n1,"b\nb",es\n')
    write('labels.csv', 'id,toxic\n0,0\n7,1\n')
    with pytest.raises(CorruptFile) as error:
        JigsawMultilingualDataset.load(path='test.csv', label='labels.csv', lang='es')
    assert str(error.value) == 'labels.csv line 3: expected the id 1 of test.csv line 4, found 7'
    write('labels.csv', 'id,toxic\n0,0\n1,x\n')
    with pytest.raises(CorruptFile, match="labels.csv line 3: expected 0 or 1 as toxic, found 'x'"):
        JigsawMultilingualDataset.load(path='test.csv', label='labels.csv', lang='es')
    with pytest.raises(ValueError, match='knows the languages es, fr, it, pt, ru, tr, not .en.'):
        JigsawMultilingualDataset.load(path='test.csv', label='labels.csv', lang='en')


def test_real_toxic_prompts_are_those_of_the_hub_without_a_path():
    hub_copy(
        'data/_hub/allenai/real-toxicity-prompts',
        '{"filename": "f", "challenging": true, "prompt": {"toxicity": 0.5, "text": "t"}}\n',
    )
    [row] = RealToxicPromptsDataset.load(challenging_subset=True)['test']
    assert list(row.items()) == [
        ('filename', 'f'),
        ('challenging', True),
        ('prompt_text', 't'),
        ('prompt_toxicity', 0.5),
    ]


def test_real_toxic_prompts_file_is_left_alone(elsewhere):  # noqa: F811
    from datasets import Dataset

    rows = [{'filename': 'f', 'challenging': False, 'prompt': {'text': 't'}}]
    Dataset.from_list(rows).save_to_disk('saved')
    (arrow,) = Path('saved').glob('*.arrow')
    before = sorted(elsewhere.rglob('*'))
    RealToxicPromptsDataset.load(path=str(arrow))
    assert sorted(elsewhere.rglob('*')) == before
    write('bad.arrow', 'text')
    with pytest.raises(CorruptFile, match='bad.arrow: expected an Arrow file as the datasets library writes it'):
        RealToxicPromptsDataset.load(path='bad.arrow')


def test_safety_prompts_are_the_lines_with_their_numbers():
    write('safety.txt', 'How?\r\n\r\n 请介绍一下 \n')
    wanted = [{'idx': 0, 'prompt': 'How?'}, {'idx': 1, 'prompt': '请介绍一下'}]
    assert SafetyDataset.load(path='safety.txt')['test'].to_list() == wanted
    reader = {'input_columns': ['prompt'], 'output_column': 'idx', 'train_split': 'test', 'test_split': 'test'}
    assert SafetyDataset(reader_cfg=reader, path='safety.txt').test.to_list() == wanted


# Scores


def test_short_answer_is_the_first_line_after_its_last_answer_is():
    predictions = ['So the answer is A, no, the answer is Rome.\nQ: next', '\nRome', 'It is Rome', 'ROME']
    for evaluator in (NQEvaluator(), TriviaQAEvaluator()):
        assert evaluator.score(predictions, [['Paris', 'rome'], 'Rome', ['Rome'], 'the Rome']) == {'score': 50.0}
        assert evaluator.samples == {'score': [100, 0, 0, 100]}


def test_tydiqa_scores_the_nearest_answer_and_none_where_there_is_no_answer():
    evaluator = TydiQAEvaluator()
    scores = evaluator.score(['in 1820', 'a', 'x'], [['1820', 'in 1820'], [], 'x y'])
    assert scores == {'exact_match': pytest.approx(100 / 3), 'f1': pytest.approx((100 + 200 / 3) / 3)}
    assert evaluator.samples == {'exact_match': [100, 0, 0], 'f1': [100, 0, pytest.approx(200 / 3)]}


def test_lambada_word_ends_at_a_blank_or_mark_and_case_counts():
    evaluator = LambadaEvaluator()
    assert evaluator.score(['house-boat', ' house', '"house', 'House'], ['house'] * 4) == {'accuracy': 50.0}
    assert evaluator.samples == {'accuracy': [100, 100, 0, 0]}


@pytest.mark.parametrize('evaluator', [LambadaEvaluator, NQEvaluator, TriviaQAEvaluator, TydiQAEvaluator])
def test_no_predictions_are_an_error_with_its_reason(evaluator):
    assert evaluator().score([], []) == {'error': 'there are no predictions to score'}
    assert evaluator().score(['a'], []) == {'error': 'predictions and references have different length'}
