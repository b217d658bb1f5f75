"""Exams: what their files become, and which answers are right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conformance import PROJECT
from mmengine.config import Config

from opencompass.datasets import (
    AGIEvalDataset,
    AGIEvalDataset_v2,
    AGIEvalEvaluator,
    BBHDataset,
    BBHEvaluator,
    CEvalDataset,
    GaokaoBenchDataset,
    GaokaoBenchEvaluator,
    MATHDataset,
    MATHEvaluator,
    PJExamDataset,
    PJExamEvaluator,
    TheoremQADataset,
    is_equiv,
    parse_math_answer,
)
from opencompass.datasets._read import CorruptFile
from opencompass.datasets.pjexam import pjexam_answer
from opencompass.registry import ICL_EVALUATORS
from opencompass.utils.build import build_dataset_from_cfg
from opencompass.utils.config import builtin
from opencompass.utils.extraction import last_boxed
from opencompass.utils.paths import MissingData

QUESTION = {'passage': None, 'question': 'Q?', 'options': ['(A)x', '(B)y'], 'label': 'A', 'answer': None}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('OPENCOMPASS_DATA', raising=False)
    return tmp_path


def write(path: str, content: Any) -> str:
    """A file with the text, or with the value as JSON."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding='utf-8')
    return path


def agieval(name: str, *rows: dict, dataset: type = AGIEvalDataset) -> Any:
    write(f'v1/{name}.jsonl', ''.join(json.dumps(QUESTION | row) + '\n' for row in rows))
    return dataset.load(path='v1/', name=name, setting_name='zero-shot')


# AGIEval


def test_a_text_that_holds_all_the_choices_is_asked_up_to_the_usual_letter():
    one = {'options': ['(A)x (B)y (C)z']}
    assert agieval('sat-math', one)[0]['problem_input'].endswith('\nA: Among A through E, the answer is')
    assert agieval('logiqa-zh', one)[0]['problem_input'].endswith('\n答案：从A到D, 我们应选择')
    assert agieval('sat-math', {})[0]['problem_input'] == (
        'Q: Q? Answer Choices: (A)x (B)y\nA: Among A through B, the answer is'
    )


def test_lists_of_letters_become_texts_where_other_labels_are_texts():
    rows = [{'label': 'D'}, {'label': ['A', 'C']}, {'label': None}]
    for dataset in (AGIEvalDataset, AGIEvalDataset_v2):
        assert agieval('gaokao-physics', *rows, dataset=dataset)['label'][:] == ['D', 'AC', None]
    assert agieval('jec-qa-kd', {'label': ['A', 'C']}, {'label': ['B']})['label'][:] == [['A', 'C'], ['B']]


def test_a_subset_without_prompt_is_refused_and_the_known_ones_named():
    with pytest.raises(ValueError, match=r"prompt for the subsets aqua-rat, .*, not for 'my-exam'"):
        agieval('my-exam', {})
    assert len(agieval('my-exam', {}, dataset=AGIEvalDataset_v2)) == 1


def test_an_agieval_row_without_its_fields_is_named_by_file_and_line():
    write('v1/lsat-lr.jsonl', json.dumps(QUESTION) + '\n\n' + json.dumps(QUESTION | {'options': None}) + '\n')
    with pytest.raises(CorruptFile, match=r'v1/lsat-lr.jsonl line 3: expected .*options \(list\).*"options": null'):
        AGIEvalDataset.load(path='v1', name='lsat-lr', setting_name='zero-shot')
    write('v1/lsat-lr.jsonl', '{"question": "Q?", "options": [], "label": "A"}\n')
    with pytest.raises(CorruptFile, match=r'line 1: expected an object with passage \(str \| None\)'):
        AGIEvalDataset_v2.load(path='v1', name='lsat-lr', setting_name='zero-shot')


def test_blank_lines_between_questions_do_not_count():
    write('v1/lsat-lr.jsonl', json.dumps(QUESTION) + '\n\n')
    assert len(AGIEvalDataset.load(path='v1', name='lsat-lr', setting_name='zero-shot')) == 1
    assert len(AGIEvalDataset_v2.load(path='v1', name='lsat-lr', setting_name='zero-shot')) == 1


def test_only_zero_shot_has_prompts():
    with pytest.raises(AssertionError, match="setting_name='zero-shot' here, not 'few-shot'"):
        AGIEvalDataset.load(path='v1', name='lsat-lr', setting_name='few-shot')


def test_no_answer_is_wrong_even_where_the_reference_is_none():
    evaluator = AGIEvalEvaluator()
    assert evaluator.score(['no idea', r'\boxed{2}'], [None, '2']) == {'score': 50.0}
    assert evaluator.samples == {'score': [0, 100]}
    assert evaluator.score(['1', '2'], ['1']) == {'error': 'predictions and references have different length'}


def test_lists_of_different_lengths_are_no_score():
    assert AGIEvalEvaluator().score(['1', '2'], ['1']) == {'error': 'predictions and references have different length'}


def test_the_last_box_counts_before_dollars_before_the_last_number():
    assert parse_math_answer('', r'$3$, so \boxed{x = \frac{1}{2}}') == r'\frac{1}{2}'
    assert parse_math_answer('', 'so $3$ of 4') == '3'
    assert parse_math_answer('', 'a = 5.') == '5'
    assert parse_math_answer('', '1 or 2.5 km') == '2.5'
    assert last_boxed(r'\boxed{a{b}c} \boxed{open') is None


# MATH


def test_formulas_are_equal_once_spelled_alike():
    assert is_equiv(r'x = \dfrac12 \text{ cm}', '0.5')
    assert is_equiv(r'\sqrt3 + \frac1{72}', r'\sqrt{3}+\frac{1}{72}')
    assert not is_equiv('abc=5', '5')
    assert not is_equiv(' a/b', 'a/b'), 'letters on both sides of a slash are compared as they stand'
    assert is_equiv(r'\frac', r'\frac')
    assert not is_equiv(r'\frac', r'\frac ')
    assert not is_equiv(None, '') and is_equiv(None, None)


def test_a_problem_is_solved_by_what_its_last_box_holds():
    rows = {
        'p': {'problem': 'p', 'solution': r'\boxed{1} or \boxed{\frac{1}{2}}'},
        'q': {'problem': 'q', 'solution': '3'},
    }
    solved = MATHDataset.load(path=write('math.json', rows))
    assert solved['test']['solution'][:] == solved['train']['solution'][:] == [r'\frac{1}{2}', None]
    with pytest.raises(CorruptFile, match=r"bad.json problem '0': expected an object with problem \(str\), solution"):
        MATHDataset.load(path=write('bad.json', {'0': {'problem': 'p'}}))
    assert MATHEvaluator().score(['1/2', '3'], [r'\frac{1}{2}', None]) == {'accuracy': 50.0}


# BIG-Bench Hard, C-Eval, TheoremQA


def test_bbh_prompts_without_their_worked_examples_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('OPENCOMPASS_DATA', str(tmp_path / 'data'))
    for name, text in (('data', '{"examples": [{"input": "1 + 1", "target": "2"}]}'), ('lib_prompt', 'Q: 2 + 2\nA: 4')):
        (tmp_path / 'data/BBH' / name).mkdir(parents=True)
        (tmp_path / 'data/BBH' / name / f'navigate.{"json" if name == "data" else "txt"}').write_text(text)
    config = Config.fromfile(PROJECT / 'configs/datasets/bbh/bbh_gen_5b92b0.py')
    [whole] = [entry for entry in config['bbh_datasets'] if entry['name'] == 'navigate']
    assert 'Q: 2 + 2\nA: 4\n\nQ: {input}' in whole['infer_cfg']['prompt_template']['template']['round'][0]['prompt']
    dataset = build_dataset_from_cfg(whole)
    dataset.check(whole)
    (tmp_path / 'data/BBH/lib_prompt/navigate.txt').unlink()
    config = Config.fromfile(PROJECT / 'configs/datasets/bbh/bbh_gen_5b92b0.py')
    [bare] = [entry for entry in config['bbh_datasets'] if entry['name'] == 'navigate']
    with pytest.raises(MissingData, match=r'BBHDataset needs \./data/BBH/lib_prompt/navigate\.txt'):
        dataset.check(bare)


def test_bbh_examples_load_and_their_answers_are_compared_as_texts():
    write('BBH/sort.json', {'canary': 'x', 'examples': [{'input': 'b a', 'target': 'a b'}]})
    assert BBHDataset.load(path='BBH', name='sort').to_list() == [{'input': 'b a', 'target': 'a b'}]
    assert BBHEvaluator().score(['So the answer is a b.', 'b a'], ['a b', 'a b']) == {'score': 50.0}
    write('BBH/sort.json', {'examples': [{'input': 'b a'}]})
    with pytest.raises(CorruptFile, match='BBH/sort.json examples 0: expected an object with input'):
        BBHDataset.load(path='BBH', name='sort')


def ceval(dev: str, val: str = 'id,question,A,B,C,D,answer\n', test: str = 'id,question,A,B,C,D\n') -> Any:
    for split, text in {'dev': dev, 'val': val, 'test': test}.items():
        write(f'ceval/{split}/law_{split}.csv', text)
    return CEvalDataset.load(path='ceval', name='law')


def test_options_that_read_like_missing_values_are_texts():
    rows = ceval('id,question,A,B,C,D,answer,explanation\n0,q,None,NA,null,,A,\n')
    assert rows['dev'].to_list() == [
        {'id': 0, 'question': 'q', 'A': 'None', 'B': 'NA', 'C': 'null', 'D': None, 'answer': 'A', 'explanation': None}
    ]


def test_answers_and_explanations_are_kept_wherever_a_file_has_them():
    header = 'id,question,A,B,C,D,answer,explanation\n'
    rows = ceval(
        header + '0,q,a,b,c,d,A,e\n', header + '0,q,a,b,c,d,B,f\n', 'id,question,A,B,C,D,answer\n0,q,a,b,c,d,C\n'
    )
    assert {split: (part[0]['answer'], part[0]['explanation']) for split, part in rows.items()} == {
        'dev': ('A', 'e'),
        'val': ('B', 'f'),
        'test': ('C', ''),
    }


def test_a_csv_row_with_too_few_cells_is_named_by_file_and_line():
    with pytest.raises(CorruptFile, match=r'dev/law_dev.csv line 3: expected 8 columns, found 7'):
        ceval('id,question,A,B,C,D,answer,explanation\n0,"q\nr",a,b,c,d,A\n')
    with pytest.raises(CorruptFile, match=r'line 1: expected the columns id, question, A, B, C, D, found id, question'):
        ceval('id,question\n')


def test_theoremqa_answers_are_numbers_only_where_all_are():
    header = 'Question,Answer,Answer_type\n'
    assert TheoremQADataset.load(path=write('a.csv', header + 'q,1.5,float\nr,2,integer\n'))['test']['Answer'][:] == [
        1.5,
        2,
    ]
    assert TheoremQADataset.load(path=write('b.csv', header + 'q,1.5,float\nr,True,bool\n'))['test']['Answer'][:] == [
        '1.5',
        'True',
    ]


# GAOKAO-Bench


def gaokao(kind: str, *pairs: tuple[str, Any]) -> dict:
    return GaokaoBenchEvaluator(kind).score([text for text, _ in pairs], [answer for _, answer in pairs])


def test_gaokao_questions_of_two_kinds_in_one_file_are_refused():
    rows = [{'question': 'a', 'answer': ['A']}, {'question': 'b', 'answer': 'B'}]
    with pytest.raises(CorruptFile, match=r"x.json example 1: expected an answer such as \['A'\], found 'B'"):
        GaokaoBenchDataset.load(path=write('x.json', {'example': rows}))
    with pytest.raises(CorruptFile, match=r'x.json: expected an object with example \(list\), found \{"data": \[\]\}'):
        GaokaoBenchDataset.load(path=write('x.json', {'data': []}))


def test_several_right_letters_may_come_in_any_order_and_a_selection_gets_half():
    assert gaokao('multi_choice', ('解：【答案】CA', ['AC'])) == {'score': 100.0}
    assert gaokao('multi_choice', ('解：【答案】C', ['AC'])) == {'score': 50.0}
    assert gaokao('multi_choice', ('解：【答案】CB', ['AC'])) == {'score': 0.0}


def test_letters_of_an_explanation_behind_the_answer_do_not_count():
    assert gaokao('multi_choice', ('略【答案】AB【解析】C错D错', ['AB'])) == {'score': 100.0}


def test_questions_with_more_parts_weigh_more():
    evaluator = GaokaoBenchEvaluator('multi_question_choice')
    assert evaluator.score(['【答案】A【答案】C【答案】B', 'D'], [['A', 'B', 'B'], ['D']]) == {'score': 75.0}
    assert evaluator.samples == {'score': [100.0, 50.0]}


def test_without_letters_to_compare_there_is_no_score():
    for kind in ('single_choice', 'multi_choice', 'multi_question_choice'):
        assert 'no predictions to score' in gaokao(kind)['error']
    assert 'no reference has a letter' in gaokao('multi_question_choice', ('A', []))['error']


def test_types_that_are_not_scored_get_0_and_give_no_answer():
    for kind in ('cloze', 'subjective', 'correction'):
        assert ICL_EVALUATORS.build({'type': f'GaokaoBenchEvaluator_{kind}'}).score(['A'], ['A']) == {'score': 0}
        with pytest.raises(ValueError, match=f'of the type {kind} are not scored'):
            GaokaoBenchEvaluator(kind).do_predictions_postprocess('【答案】A')
    with pytest.raises(ValueError, match='knows the question types single_choice, '):
        GaokaoBenchEvaluator('essay')


# PJExam


def test_pjexam_questions_carry_what_their_evaluator_wants():
    rows = [
        {'question': 'q', 'std_ans': ['A', 'C'], 'score': 6, 'major': '数学'},
        {'question': 'r', 'std_ans': 'B', 'score': 2},
    ]
    write('PJExam/gk-2022-v1.jsonl', ''.join(json.dumps(row) + '\n' for row in rows))
    loaded = PJExamDataset.load(path='./PJExam/', name='gk-2022-v1')
    assert loaded['std_ans'][:] == ['AC', 'B']
    predictions = ['【解析】A...<eoe>\n【答案】CA<eoa>', '【解析】B']
    assert PJExamEvaluator().score(predictions, loaded['eval_infos'][:]) == {'score': 75.0}
    assert PJExamEvaluator().score(predictions, loaded['std_ans'][:]) == {'score': 50.0}
    write('PJExam/gk-2022-v1.jsonl', '{"question": "q"}\n')
    with pytest.raises(
        CorruptFile, match=r'gk-2022-v1.jsonl line 1: expected an object with question \(str\), std_ans'
    ):
        PJExamDataset.load(path='PJExam', name='gk-2022-v1')


def test_pjexam_answers_stand_between_the_last_mark_and_its_end():
    assert pjexam_answer('【答案】A<eoa> 不对，【答案】 B、D <eoa> C') == 'BD'
    assert pjexam_answer('选 A') == ''


def test_a_stray_comma_behind_reader_cfg_does_not_hide_it():
    reader = {'input_columns': ['question'], 'output_column': 'std_ans'}
    assert builtin({'reader_cfg': (reader,), 'paths': ('a',)}) == {'reader_cfg': reader, 'paths': ('a',)}
