"""Answers taken out of generated texts."""

from __future__ import annotations

import sys

import pytest

from opencompass.datasets import (
    ReCoRD_postprocess,
    TheoremQA_postprocess,
    Xsum_postprocess,
    bbh_freeform_postprocess,
    bbh_mcq_postprocess,
    cmrc_postprocess,
    drcd_postprocess,
    flores_postprocess,
    flores_postprocess_chinese,
    gsm8k_dataset_postprocess,
    gsm8k_postprocess,
    humaneval_postprocess,
    lcsts_postprocess,
    math_postprocess,
    strategyqa_dataset_postprocess,
    strategyqa_pred_postprocess,
)
from opencompass.utils.text_postprocessors import (
    first_capital_postprocess,
    first_capital_postprocess_multi,
    general_cn_postprocess,
    general_postprocess,
)


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


def test_drcd_answer_keeps_all_lines_unlike_that_of_cmrc():
    assert drcd_postprocess('答案是 台北\n因為') == ' 台北\n因為'


def test_letters_of_yes_and_no_count_inside_words_as_in_published_strategyqa_scores():
    assert [strategyqa_pred_postprocess(text) for text in ('I know it', 'yesterday', 'Maybe')] == ['no', 'yes', '']


def test_strategyqa_answer_stands_after_the_last_mark_of_the_first_paragraph():
    text = 'No, the answer is not it. So the answer is yes.\n\nQ: So the answer is no.'
    assert strategyqa_pred_postprocess(text) == 'yes'


def test_only_true_and_its_python_spelling_are_a_strategyqa_yes():
    assert [strategyqa_dataset_postprocess(answer) for answer in (True, 'True', 'true', 1)] == [
        'yes',
        'yes',
        'no',
        'no',
    ]


def test_bbh_letter_in_brackets_goes_before_an_earlier_capital():
    assert bbh_mcq_postprocess('The answer is Tuesday, (B).') == 'B'


def test_bbh_answer_in_small_letters_stays_as_it_is():
    assert [bbh_mcq_postprocess(text) for text in ('the answer is b ', 'valid ')] == ['b', 'valid ']


def test_bbh_free_answer_loses_one_full_stop_and_keeps_the_blanks_before_it():
    texts = ('So the answer is  5 .\nQ: answer is 6', 'True...')
    assert [bbh_freeform_postprocess(text) for text in texts] == ['5 ', 'True..']


def test_theoremqa_answer_ends_at_a_blank_as_in_published_scores():
    assert [TheoremQA_postprocess(text) for text in ('The answer is [1, 2].', '[1, 2]. ')] == ['[1', '[1, 2].']


def test_record_answer_loses_its_heading_wherever_it_stands():
    assert ReCoRD_postprocess('\n1. Answer: New York. \nmore') == '1. New York.'


def test_carriage_return_before_a_line_feed_stays_in_flores_but_not_in_xsum():
    assert [flores_postprocess(' a\r\nb'), Xsum_postprocess(' a\r\nb')] == ['a\r', 'a']


def test_blank_of_a_chinese_translation_becomes_three():
    pytest.importorskip('jieba')
    assert flores_postprocess_chinese(' 他说\t hello\n再见') == '他 说   hello'


def test_empty_line_ends_the_code_as_in_published_humaneval_scores():
    assert humaneval_postprocess('def f(x):\n    y = 1\n\n    return y') == '    y = 1'


def test_language_of_a_fence_becomes_a_line_of_code_as_in_published_humaneval_scores():
    assert humaneval_postprocess('Here:\n```python\nreturn 1\n```') == '    python\n    return 1\n    '


def test_code_with_some_blanks_is_indented_in_its_first_line_alone():
    assert humaneval_postprocess(' if x:\n     return 1') == '    if x:\n     return 1'
    assert humaneval_postprocess('if x:\n    return 1') == '    if x:\n        return 1'


def test_list_mark_at_the_start_of_a_headline_is_dropped_all_through_it():
    assert lcsts_postprocess('“1. 标题”') == '1. 标题'
    assert lcsts_postprocess('1. 标题 1. 正文。\n2.') == '标题 正文'
    assert lcsts_postprocess('своей - 标题 - 正文') == '标题 正文'
    assert lcsts_postprocess('标题 - 正文') == '标题 - 正文'


def test_decimals_lists_and_big_brackets_are_garbled_as_in_published_math_scores():
    answers = ['The final answer is 3.5.', 'The final answer is 1,2,3.', r'The final answer is $\left(1,2\right)$.']
    assert [math_postprocess(answer) for answer in answers] == ['3', '123', r'<(1,2\right)']


def test_math_answer_is_the_last_formula_of_the_first_sentence_with_final_answer():
    text = r'Let $a$. Then with $x=2$ the Final Answer is $\frac34$ cm. The final answer is $5$.'
    assert math_postprocess(text) == r'\frac{3}{4}'


def test_fraction_whose_command_became_a_form_feed_is_mended():
    assert [math_postprocess(text) for text in ('$x\frac{1}{2}$', '$rac12$', '$Grace$')] == [
        r'x\frac{1}{2}',
        r'\frac{1}{2}',
        'Grace',
    ]


def test_article_alone_is_removed_so_that_the_option_a_is_lost():
    assert general_postprocess('A. Paris') == ''
    assert first_capital_postprocess('a. Paris') == 'P'


def test_first_run_of_options_may_be_a_part_of_a_word():
    assert first_capital_postprocess_multi('Because of ACD') == 'B'


def test_missing_jieba_names_its_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, 'jieba', None)
    with pytest.raises(ImportError, match='general_cn_postprocess needs the package jieba: pip install jieba'):
        general_cn_postprocess('我')
