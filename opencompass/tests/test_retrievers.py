"""Examples for a row, and the prompts made of them."""

import pytest

from opencompass.datasets.base import BaseDataset
from opencompass.openicl import PromptTemplate
from opencompass.openicl.icl_retriever import BaseRetriever, FixKRetriever, RandomRetriever, ZeroRetriever

CHAT = {'round': [{'role': 'HUMAN', 'prompt': '{q}'}, {'role': 'BOT', 'prompt': '{a}'}]}
WITH_PLACE = {'begin': '</E>', **CHAT}


class Sums(BaseDataset):
    """Five sums to learn from, two to solve."""

    @staticmethod
    def load():
        from datasets import Dataset, DatasetDict

        return DatasetDict(
            {
                name: Dataset.from_list([{'q': f'{i}+1', 'a': str(i + 1)} for i in numbers])
                for name, numbers in (('train', range(5)), ('test', (8, 7)))
            }
        )


@pytest.fixture()
def sums():
    return Sums(reader_cfg={'input_columns': ['q'], 'output_column': 'a'})


def marks(prompt):
    """Sections that begin, and texts."""
    return [
        item if isinstance(item, str) else item['section']
        for item in prompt
        if isinstance(item, str) or item.get('pos') == 'begin'
    ]


def test_zero_shot_prompts_have_nothing_before_them(sums):
    retriever = ZeroRetriever(sums)
    template = PromptTemplate('</E>{q}={a}', ice_token='</E>')
    assert retriever.retrieve() == [[], []]
    examples = retriever.generate_ice([], None)
    assert retriever.generate_prompt_for_generate_task(0, examples, prompt_template=template) == '8+1='


def test_the_end_token_of_a_few_shot_retriever_stands_even_without_examples(sums):
    assert FixKRetriever(sums).generate_ice([], PromptTemplate('{q}={a}')) == '\n'
    assert FixKRetriever(sums).generate_ice([], PromptTemplate(CHAT)) == ''


def test_examples_follow_the_order_of_the_list(sums):
    retriever = FixKRetriever(sums, ice_separator=' | ', ice_eos_token=' ; ')
    assert retriever.retrieve([3, 1]) == [[3, 1], [3, 1]]
    assert retriever.generate_ice([3, 1], PromptTemplate('{q}={a}')) == '3+1=4 | 1+1=2 ; '


def test_chats_have_no_separators_but_chats_for_each_label_do(sums):
    retriever = FixKRetriever(sums)
    assert marks(retriever.generate_ice([0, 1], PromptTemplate(CHAT))) == ['ice', 'ice', '']
    by_label = PromptTemplate({'1': CHAT, '2': CHAT})
    assert marks(retriever.generate_ice([0, 1], by_label)) == ['ice', '\n', 'ice', '\n', '\n']


def test_an_example_that_is_not_there_is_named(sums):
    with pytest.raises(ValueError, match=r'\[9\].*0 to 4'):
        FixKRetriever(sums).retrieve([0, 9])


def test_examples_without_a_place_in_the_prompt_are_an_error(sums):
    with pytest.raises(NotImplementedError, match='no place for the examples'):
        FixKRetriever(sums).generate_label_prompt(0, 'x', '1', PromptTemplate('{q}'), PromptTemplate('{q}'))


def test_an_example_template_with_a_place_makes_the_prompt_too(sums):
    template = PromptTemplate({'9': '</E>{q} is nine', '8': '</E>{q} is eight'}, ice_token='</E>')
    assert FixKRetriever(sums).generate_label_prompt(1, 'x\n', '8', ice_template=template) == 'x\n7+1 is eight'


def test_labels_are_the_templates_or_the_answers_but_never_section_names(sums):
    retriever = ZeroRetriever(sums)
    assert retriever.get_labels(prompt_template=PromptTemplate({'b': 'x', 'a': 'y'})) == ['b', 'a']
    assert retriever.get_labels(prompt_template=PromptTemplate(WITH_PLACE, ice_token='</E>')) == ['8', '9']


def test_random_examples_differ_by_row_and_not_by_run(sums):
    first, again, other = (RandomRetriever(sums, ice_num=3, seed=seed).retrieve() for seed in (1, 1, 2))
    assert first == again != other
    assert first[0] != first[1]
    assert [sorted(numbers) for numbers in RandomRetriever(sums, ice_num=5).retrieve()] == [[0, 1, 2, 3, 4]] * 2


def test_a_retriever_needs_retrieve(sums):
    with pytest.raises(NotImplementedError, match='needs a method retrieve'):
        BaseRetriever(sums).retrieve()
