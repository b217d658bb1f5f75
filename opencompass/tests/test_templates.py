"""Rows to prompts, and prompts to a model's spelling."""

import pytest

from opencompass.models._template import APITemplateParser, LMTemplateParser
from opencompass.openicl import PromptTemplate
from opencompass.utils.prompt import PromptList, safe_format

CHAT = {
    'begin': [{'role': 'SYSTEM', 'fallback_role': 'HUMAN', 'prompt': 'Sums.'}, '</E>'],
    'round': [{'role': 'HUMAN', 'prompt': '{q}'}, {'role': 'BOT', 'prompt': '{a}'}],
}
MODEL = {
    'begin': '<s>',
    'end': '<e>',
    'round': [
        {'role': 'HUMAN', 'begin': '[H]', 'end': '[/H]', 'api_role': 'user'},
        {'role': 'BOT', 'begin': '[B]', 'end': '[/B]', 'generate': True, 'api_role': 'assistant'},
    ],
}


def chat(examples=()):
    """A prompt with a turn to answer, after examples (pairs)."""
    template = PromptTemplate(CHAT, ice_token='</E>')
    ice = PromptList()
    for question, answer in examples:
        ice += template.generate_ice_item({'q': question, 'a': answer}, answer)
    return template.generate_item({'q': '2+2', 'a': '4'}, output_field='a', ice_field_replace_token=ice)


def test_only_whole_names_in_braces_are_replaced():
    assert safe_format('{a} {{a}} { a} {a:.2f} {b}', a=1) == '1 {1} { a} {a:.2f} {b}'


def test_a_value_that_names_a_later_column_is_replaced_again():
    assert safe_format('{q}', q=r'\frac{A}{B}', A='no', B='yes') == r'\frac' + 'noyes'


def test_columns_may_be_named_like_parameters():
    assert PromptTemplate('{self} {input_str}').generate_item({'self': 1, 'input_str': 2}) == '1 2'


def test_adding_nothing_to_a_chat_adds_nothing():
    one = PromptList(['a'])
    one += ''
    one += None
    assert (one, '' + one + '', ['b'] + one) == (['a'], ['a'], ['b', 'a'])


def test_a_turn_is_not_added_as_its_keys():
    with pytest.raises(TypeError, match='write'):
        PromptList() + {'role': 'HUMAN', 'prompt': 'x'}


def test_the_answer_is_blanked_but_a_template_per_label_keeps_its_own():
    row = {'q': '1+1', 'a': '2'}
    assert PromptTemplate('{q}={a}').generate_item(row, output_field='a') == '1+1='
    assert PromptTemplate({'2': '{q} two', '3': '{q} three'}).generate_item(row, output_field='a') == '1+1 two'
    assert row == {'q': '1+1', 'a': '2'}


def test_markers_in_a_row_stay():
    template = PromptTemplate('</E>{q}<S>', ice_token='</E>', sep_token='<S>')
    assert template.generate_item({'q': '</E><S>'}, ice_field_replace_token='x\n') == 'x\n</E><S>'


def test_the_separator_stays_in_an_example_until_it_is_part_of_a_prompt():
    template = PromptTemplate('</E>{q}<S>{a}', ice_token='</E>', sep_token='<S>')
    example = template.generate_ice_item({'q': 1, 'a': 2}, 2)
    assert example == '1<S>2'
    assert template.generate_item({'q': 3, 'a': 4}, 'a', ice_field_replace_token=example) == '123'


def test_a_key_beside_the_sections_is_not_taken_for_a_label():
    with pytest.raises(TypeError, match='no other keys than begin, round, end'):
        PromptTemplate({'round': [{'role': 'HUMAN', 'prompt': '{q}'}], 'ends': 'x'})


def test_each_text_needs_the_place_for_examples():
    with pytest.raises(LookupError, match='missing in'):
        PromptTemplate({0: '</E>{q}', 1: '{q}'}, ice_token='</E>')


def test_markers_of_older_templates_stand_for_columns():
    chat = {'round': [{'role': 'HUMAN', 'prompt': '</E></Q>'}]}
    template = PromptTemplate(chat, '</E>', column_token_map={'q': '</Q>'})
    assert str(template.generate_item({'q': 'why {x}', 'x': 1})) == 'why 1'


def test_an_end_section_can_be_spelled():
    prompt = PromptTemplate({'round': [{'role': 'HUMAN', 'prompt': '{q}'}], 'end': 'Bye'}).generate_item({'q': 'Hi'})
    assert LMTemplateParser(MODEL).parse_template(prompt, 'ppl') == '<s>[H]Hi[/H][B][/B]Bye<e>'


def test_chat_examples_in_a_text_template_are_an_error_that_says_so():
    with pytest.raises(TypeError, match='the same form'):
        PromptTemplate('</E>{q}', '</E>').generate_item({'q': 1}, ice_field_replace_token=PromptList(['x']))


def test_generation_stops_at_the_last_answer_only():
    prompt = chat([('1+1', '2')])
    assert LMTemplateParser(MODEL).parse_template(prompt, 'gen') == ('<s>[H]Sums.[/H][H]1+1[/H][B]2[/B][H]2+2[/H][B]')
    assert APITemplateParser(MODEL).parse_template(prompt, 'gen') == [
        {'role': 'user', 'prompt': '[H]Sums.[/H]\n[H]1+1[/H]'},
        {'role': 'assistant', 'prompt': '[B]2[/B]'},
        {'role': 'user', 'prompt': '[H]2+2[/H]'},
    ]


def test_a_role_that_says_nothing_still_has_its_place_in_a_round():
    prompt = PromptList(
        [
            {'section': 'round', 'pos': 'begin'},
            {'role': 'HUMAN', 'prompt': 'a'},
            {'role': 'HUMAN', 'prompt': 'b'},
            {'section': 'round', 'pos': 'end'},
        ]
    )
    assert LMTemplateParser(MODEL).parse_template(prompt, 'gen') == '<s>[H]a[/H][B][/B][H]b[/H][B]'


def test_without_a_meta_template_empty_turns_leave_no_line():
    assert LMTemplateParser().parse_template(chat(), 'gen') == 'Sums.\n2+2'
    assert APITemplateParser().parse_template([chat(), 'text'], 'gen') == ['Sums.\n2+2', 'text']


def test_without_a_meta_template_an_empty_first_text_leaves_its_line():
    prompt = PromptList([{'section': 'begin', 'pos': 'begin'}, '', {'role': 'HUMAN', 'prompt': 'a'}, '', 'b'])
    assert LMTemplateParser().parse_template(prompt, 'gen') == '\na\nb'


def test_a_fallback_role_counts_inside_a_round_too():
    prompt = PromptList(
        [
            {'section': 'round', 'pos': 'begin'},
            {'role': 'NARRATOR', 'fallback_role': 'HUMAN', 'prompt': 'once'},
            {'section': 'round', 'pos': 'end'},
        ]
    )
    assert LMTemplateParser(MODEL).parse_template(prompt, 'gen') == '<s>[H]once[/H][B]'


def test_turns_without_sections_are_spelled():
    prompt = PromptList([{'role': 'HUMAN', 'prompt': 'a'}, {'role': 'BOT', 'prompt': 'b'}])
    assert LMTemplateParser(MODEL).parse_template(prompt, 'gen') == '<s>[H]a[/H][B]'
    assert APITemplateParser(MODEL).parse_template(prompt, 'ppl') == [
        {'role': 'user', 'prompt': '[H]a[/H]'},
        {'role': 'assistant', 'prompt': '[B]b[/B]'},
    ]


def test_an_unknown_role_is_named():
    with pytest.raises(KeyError, match='HUMAN.*BOT.*SYSTEM'):
        LMTemplateParser(MODEL).parse_template(PromptList([{'role': 'SYSTEM', 'prompt': 'x'}]), 'gen')


def test_a_plain_list_of_turns_serves_as_examples_and_can_be_added():
    turns = [{'role': 'HUMAN', 'prompt': '1+1'}]
    assert PromptList(['a</E>b', 'c']).replace('</E>', turns) == ['a', *turns, 'b', 'c']
    assert turns + PromptList(['c']) == [*turns, 'c']


def test_what_is_neither_text_nor_turn_is_named():
    with pytest.raises(TypeError, match=r"a prompt holds texts and turns, not \['nested'\]"):
        PromptList([['nested']]).format(q=1)


@pytest.mark.parametrize('prompt', [[], ['only a text'], [{'role': 'BOT', 'prompt': 'x'}]])
def test_a_prompt_in_which_nobody_speaks_before_the_answer_is_an_empty_chat(prompt):
    assert APITemplateParser(MODEL).parse_template(PromptList(prompt), mode='gen') == []


def test_a_model_without_rounds_spells_an_empty_round_as_nothing():
    marks = [{'section': 'round', 'pos': pos} for pos in ('begin', 'end')]
    assert LMTemplateParser({'round': []}).parse_template(PromptList(marks), mode='ppl') == ''
