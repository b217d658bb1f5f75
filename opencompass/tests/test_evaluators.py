"""Scores of the general evaluators."""

from __future__ import annotations

import sys

import pytest

from opencompass.openicl.icl_evaluator import (
    AccEvaluator,
    AUCROCEvaluator,
    BaseEvaluator,
    BleuEvaluator,
    EMEvaluator,
    ExactMatchEvaluator,
    JiebaRougeEvaluator,
    MccEvaluator,
    RougeEvaluator,
    SquadEvaluator,
    ToxicEvaluator,
)
from opencompass.registry import ICL_EVALUATORS


def test_accuracy_compares_how_labels_read():
    assert AccEvaluator().score([1, '1', True], ['1', 1, 1]) == {'accuracy': 100 * 2 / 3}


def test_em_score_accepts_the_first_answer_inside_but_exact_match_does_not():
    predictions = ['in the Paris region', 'Rome', 'Rome it is']
    references = [['Paris'], ['Oslo', 'Rome'], ['x', 'Rome']]
    assert EMEvaluator().score(predictions, references) == {'score': 100 * 2 / 3}
    assert ExactMatchEvaluator().score(predictions, references) == {'score': 100 * 2 / 3, 'exact_match': 100 / 3}


def test_em_answer_that_cleans_to_nothing_does_not_match_every_prediction():
    assert EMEvaluator().score(['dog', 'cat', 'cow'], [['the'], [''], []]) == {'score': 0.0}


def test_em_reference_that_is_one_text_is_one_answer():
    assert EMEvaluator().score(['P', 'Paris'], ['Paris', 'Paris']) == {'score': 50.0}


@pytest.mark.parametrize('module', ['', 'opencompass.openicl.icl_evaluator.'])
def test_exact_match_is_found_by_its_name_and_the_list_of_names_is_that_of_opencompass(module):
    assert isinstance(ICL_EVALUATORS.build({'type': f'{module}ExactMatchEvaluator'}), ExactMatchEvaluator)
    assert 'ExactMatchEvaluator' not in ICL_EVALUATORS.module_dict


def test_chinese_shares_words_by_jieba_where_rouge_of_english_words_finds_nothing():
    predictions, references = ['我来到北京清华大学'], ['我来到清华大学']  # 我 来到 (北京) 清华大学
    assert RougeEvaluator().score(predictions, references)['rouge1'] == 0
    evaluator = ICL_EVALUATORS.build({'type': 'JiebaRougeEvaluator'})
    assert evaluator.score(predictions, references) == pytest.approx(
        {'rouge1': 600 / 7, 'rouge2': 40, 'rougeL': 600 / 7}, rel=1e-6
    )
    assert evaluator.score(predictions, [['无关', '我来到清华大学']])['rouge2'] == pytest.approx(40)


def test_empty_texts_count_nothing_in_chinese_rouge_and_end_nothing():
    evaluator = JiebaRougeEvaluator()
    found = evaluator.score(['', ' \n', '北京', '。。', '北京'], ['北京', '北京', '', '...', []])
    assert found == {'rouge1': 0, 'rouge2': 0, 'rougeL': 0}
    assert evaluator.score(['', '北京'], ['北京', '北京'])['rouge1'] == pytest.approx(50)
    assert evaluator.samples['rouge1'] == [0, pytest.approx(100)]


@pytest.mark.parametrize(
    'evaluator',
    [
        AccEvaluator,
        AUCROCEvaluator,
        BleuEvaluator,
        EMEvaluator,
        JiebaRougeEvaluator,
        MccEvaluator,
        RougeEvaluator,
        SquadEvaluator,
    ],
)
def test_no_predictions_give_a_reason_instead_of_a_crash(evaluator):
    assert evaluator().score([], [])['error'].startswith('there are no predictions to score')


def test_rouge_of_several_pairs_is_their_mean_and_the_same_every_time():
    predictions, references = ['a b', 'c'], ['a b', 'd']
    assert RougeEvaluator().score(predictions, references)['rouge1'] == 50.0


def test_area_with_one_class_gives_a_reason():
    assert AUCROCEvaluator().score([[0.1, 0.9]], [1]) == {
        'error': 'the area under the curve needs references 0 and 1, found [1].'
    }


def test_a_probability_that_is_not_a_number_gives_a_reason():
    assert AUCROCEvaluator().score([[0.1, 0.9], [float('nan'), 0.5]], [1, 0]) == {
        'error': '1 of 2 predictions are not numbers (NaN).'
    }


def test_labels_of_any_kind_are_compared_by_how_they_read():
    predictions, references = [[1], 1, 1.0, 0], ['[1]', '1', '1.0', 'x']
    assert AccEvaluator().score(predictions, references) == {'accuracy': 75.0}
    assert MccEvaluator().score(predictions, references) == {'matthews_correlation': 75.0}


@pytest.mark.parametrize('evaluator', [BleuEvaluator, RougeEvaluator, SquadEvaluator])
def test_a_prediction_that_is_no_text_is_shown(evaluator):
    with pytest.raises(ValueError, match='expected texts.*, found None'):
        evaluator().score([None], ['a'])


def test_busy_toxicity_service_is_asked_again_and_a_refused_text_is_not_judged(monkeypatch):
    import requests

    from opencompass.openicl.icl_evaluator import icl_toxic_evaluator as module

    states = {'busy': [429, 200], 'refused': [400]}
    answer = {'attributeScores': {'TOXICITY': {'spanScores': [{'score': {'value': 0.75}}]}}}

    def post(url, params, json, timeout):
        reply = requests.Response()
        reply.status_code = states[json['comment']['text']].pop(0)
        reply.json = lambda: answer
        return reply

    monkeypatch.setattr(requests, 'post', post)
    monkeypatch.setattr(module, 'SECONDS_TO_WAIT', (0, 0))
    assert ToxicEvaluator(key='k').score(['busy', 'refused'], [None, None]) == {
        'expected_max_toxicity': 0.75,
        'valid_frac': 0.5,
        'toxic_frac_valid': 1.0,
        'avg_toxicity_score': 0.75,
    }


def test_missing_package_names_its_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, 'sacrebleu', None)
    with pytest.raises(ImportError, match='BleuEvaluator needs the package sacrebleu: pip install sacrebleu'):
        BleuEvaluator().score(['a'], ['a'])


def test_evaluator_without_score_is_named():
    class Nothing(BaseEvaluator):
        pass

    with pytest.raises(NotImplementedError, match=r'Nothing has no method score\(predictions, references\)'):
        Nothing().score([], [])
