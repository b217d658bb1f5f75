"""Answers taken out of generated texts."""

from __future__ import annotations

import sys

import pytest
from conformance import assert_as_recorded

from opencompass.datasets import cmrc_postprocess, gsm8k_dataset_postprocess, gsm8k_postprocess
from opencompass.utils.text_postprocessors import (
    first_capital_postprocess,
    first_capital_postprocess_multi,
    general_cn_postprocess,
    general_postprocess,
)


@pytest.mark.slow
@pytest.mark.parametrize(('only', 'at_least'), [('gsm8k', 59), ('cmrc', 39)])
def test_dataset_postprocessors_are_as_recorded(only, at_least):
    assert_as_recorded('dataset_scoring', at_least, only)


def test_decimals_and_signs_are_lost_as_in_published_gsm8k_scores():
    assert [gsm8k_postprocess(text) for text in ('so 3.5', '-7', '$1,234.')] == ['35', '7', '1234']


def test_superscript_is_no_number():
    assert gsm8k_postprocess('the area is 12 m²') == '12'


def test_gsm8k_reference_without_mark_is_shown():
    with pytest.raises(ValueError, match=r"expected a GSM8K solution with '#### ' before its answer, found '7'"):
        gsm8k_dataset_postprocess('7')


def test_cmrc_answer_is_the_line_after_the_phrase():
    assert cmrc_postprocess('根据文章，答案是 光荣\n谢谢') == '光荣'
    assert cmrc_postprocess('\n光荣') == ''


def test_article_alone_is_removed_so_that_the_option_a_is_lost():
    assert general_postprocess('A. Paris') == ''
    assert first_capital_postprocess('a. Paris') == 'P'


def test_first_run_of_options_may_be_a_part_of_a_word():
    assert first_capital_postprocess_multi('Because of ACD') == 'B'


def test_missing_jieba_names_its_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, 'jieba', None)
    with pytest.raises(ImportError, match='general_cn_postprocess needs the package jieba: pip install jieba'):
        general_cn_postprocess('我')
