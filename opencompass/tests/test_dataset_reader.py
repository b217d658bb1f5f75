"""Columns, splits and ranges of rows."""

import pytest

from opencompass.datasets.base import BaseDataset
from opencompass.openicl import DatasetReader, PromptTemplate
from opencompass.openicl.icl_dataset_reader import load_partial_dataset
from opencompass.utils.ranges import RangeError, select


def rows(*numbers):
    """A dataset with a column `i` and a column `a`."""
    from datasets import Dataset

    return Dataset.from_dict({'i': list(numbers), 'a': [str(number) for number in numbers]})


def splits(**named):
    from datasets import DatasetDict

    return DatasetDict({name: rows(*numbers) for name, numbers in named.items()})


def test_a_column_is_a_list():
    reader = DatasetReader(splits(train=[1], test=[2, 3]), 'i', 'a')
    assert reader.dataset['test']['i'] + reader.dataset['train']['i'] == [2, 3, 1]
    assert reader.dataset['test'][1:]['a'] == ['3']


@pytest.mark.parametrize(
    ('text', 'chosen'),
    [
        ('', [0, 1, 2, 3, 4, 5]),
        ('[1:3]', [1, 2]),
        ('[-2:]', [4, 5]),
        (' [ : 100 ] ', [0, 1, 2, 3, 4, 5]),
        ('[::-2]', [5, 3, 1]),
        ('[1:][:3]', [1, 2, 3]),
        ('[0:5][2:] [::2]', [2, 4]),
        ('[4:2]', []),
    ],
)
def test_slices_follow_each_other(text, chosen):
    assert list(select(text, 6)) == chosen


@pytest.mark.parametrize(
    'text', ['[5]', '[0,2]', '[]', '[', 'abc', '[::0]', '[:2]+[7]', '[__import__("os"):]', '[:1.5]']
)
def test_a_text_that_is_no_range_is_named_and_never_evaluated(text):
    with pytest.raises(ValueError, match='is no range of rows') as error:
        select(text, 6)
    assert repr(text) in str(error.value)


def test_a_number_of_rows_is_the_same_random_choice_each_time():
    assert load_partial_dataset(rows(*range(10)), 3)['i'] == [1, 5, 6]
    assert list(load_partial_dataset(rows(*range(10)), 0.3)['i']) == [1, 5, 6]
    assert list(load_partial_dataset(rows(*range(10)), 1.0)['i']) == list(range(10))
    with pytest.raises(RangeError, match='whole'):
        load_partial_dataset(rows(*range(10)), 2.5)


def test_test_rows_are_not_cut_by_the_train_range():
    reader = DatasetReader(splits(train=[1, 2, 3]), 'i', 'a', test_split='train', train_range='[1:]', test_range='[:2]')
    assert [list(reader.dataset[name]['i']) for name in ('train', 'test')] == [[2, 3], [1, 2]]


def test_the_given_splits_are_left_as_they_are():
    given = splits(dev=[1, 2], test=[3, 4])
    reader = DatasetReader(given, ['i'], 'a', train_split='dev', test_range='[:1]')
    assert (list(given), list(given['test']['i'])) == (['dev', 'test'], [3, 4])
    assert (list(reader.dataset), len(reader)) == (['dev', 'test', 'train'], 3)


def test_a_flat_dataset_serves_as_both_splits():
    reader = DatasetReader(rows(1, 2, 3), 'i a', 'a', train_range='[:1]', ds_size=2)
    assert (len(reader.dataset['train']), len(reader.dataset['test']), reader.input_columns) == (1, 2, ['i', 'a'])


def test_a_row_is_written_by_its_columns_or_a_template():
    plain = DatasetReader(rows(1), ['i', 'a'], 'a')
    templated = DatasetReader(rows(1), ['i'], 'a', input_template=PromptTemplate('<{i}>'))
    assert plain.generate_input_output_field_prompt({'i': 1, 'a': None}) == '1 None None'
    assert templated.generate_input_field_corpus(templated.dataset, 'test') == ['<1>']


def test_a_dataset_class_needs_only_load():
    class Given(BaseDataset):
        @staticmethod
        def load(path):
            return splits(train=[1], test=[int(path)])

    made = Given(reader_cfg={'input_columns': ['i'], 'output_column': 'a'}, path='7')
    assert (made.train[0], made.test[0]) == ({'i': 1, 'a': '1'}, {'i': 7, 'a': '7'})


def test_a_dataset_class_that_loads_nothing_says_what_it_needs():
    class Empty(BaseDataset):
        pass

    with pytest.raises(NotImplementedError, match='Empty loads nothing: it needs a static method load'):
        Empty()


def test_rows_that_are_no_dataset_are_an_error_that_says_so():
    with pytest.raises(TypeError, match='DatasetDict, not list'):
        DatasetReader([{'i': 1}], 'i', 'a')
