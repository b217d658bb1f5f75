"""Retrievers that choose examples by what the question says, with a stub in place of the embedding model."""

from __future__ import annotations

import math
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from opencompass.datasets.base import BaseDataset
from opencompass.openicl import PromptTemplate
from opencompass.openicl.icl_retriever import (
    BM25Retriever,
    DPPRetriever,
    MDLRetriever,
    RandomRetriever,
    TopkRetriever,
    VotekRetriever,
)
from opencompass.openicl.icl_retriever.icl_bm25_retriever import words
from opencompass.openicl.icl_retriever.icl_dpp_retriever import fast_map_dpp


class Texts(BaseDataset):
    """Rows with a text and a label, 0 or 1 in turn."""

    @staticmethod
    def load(train: list[str], test: list[str]):
        from datasets import Dataset, DatasetDict

        return DatasetDict(
            {
                name: Dataset.from_list([{'text': text, 'label': place % 2} for place, text in enumerate(texts)])
                for name, texts in (('train', train), ('test', test))
            }
        )


def texts(train: list[str], test: list[str], **reader: str) -> Texts:
    return Texts(reader_cfg={'input_columns': ['text'], 'output_column': 'label', **reader}, train=train, test=test)


@pytest.fixture(autouse=True)
def embedder(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A text such as '30' becomes the unit vector at 30 degrees; what is embedded is written down."""
    asked: list[str] = []

    class SentenceTransformer:
        def __init__(self, name: str) -> None:
            asked.append(name)

        def encode(self, sentences: list[str], **_: object) -> np.ndarray:
            angles = [math.radians(float(text)) for text in sentences]
            return np.array([[math.cos(angle), math.sin(angle)] for angle in angles], dtype=np.float32)

    module = types.ModuleType('sentence_transformers')
    module.SentenceTransformer = SentenceTransformer
    monkeypatch.setitem(sys.modules, 'sentence_transformers', module)
    return asked


def test_the_nearest_examples_come_first(embedder: list[str]) -> None:
    data = texts(['90', '10', '40', '20'], ['12', '89'])
    assert TopkRetriever(data, ice_num=3).retrieve() == [[1, 3, 2], [0, 2, 3]]
    assert embedder == ['all-mpnet-base-v2']


def test_the_embedding_model_may_be_a_folder(embedder: list[str], tmp_path: Path) -> None:
    TopkRetriever(texts(['1'], ['2']), sentence_transformers_model_name=str(tmp_path)).retrieve()
    assert embedder == [str(tmp_path)]


def test_without_the_embedding_package_its_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'sentence_transformers', None)
    with pytest.raises(ImportError, match='TopkRetriever needs .* pip install sentence-transformers'):
        TopkRetriever(texts(['1'], ['2'])).retrieve()


def test_fewer_examples_than_asked_for_are_all_that_there_are() -> None:
    assert TopkRetriever(texts(['5', '1'], ['2']), ice_num=9).retrieve() == [[1, 0]]
    with pytest.raises(ValueError, match='the train split is empty'):
        TopkRetriever(texts(['5', '1'], ['2'], train_range='[5:]'))


def test_dpp_prefers_variety_among_the_near() -> None:
    data = texts(['0', '1', '2', '30', '180'], ['0'])
    assert TopkRetriever(data, ice_num=2).retrieve() == [[0, 1]]
    assert DPPRetriever(data, ice_num=2, candidate_num=4, scale_factor=1.0).retrieve() == [[0, 3]]
    assert DPPRetriever(data, ice_num=1, candidate_num=4).retrieve() == [[0]]


def test_a_second_copy_adds_nothing_to_a_dpp() -> None:
    kernel = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.5]])
    assert fast_map_dpp(kernel, 3) == [0, 2]


def test_votes_go_to_typical_examples_that_differ() -> None:
    data = texts(['0', '10', '15', '90', '100', '105'], ['45', '46'])
    first, second = VotekRetriever(data, ice_num=2, votek_k=1).retrieve()
    assert first == second == [1, 4]  # the middle of each heap has two votes, its neighbour one
    assert VotekRetriever(texts(['7', '8'], ['45']), ice_num=5).retrieve() in ([[0, 1]], [[1, 0]])


def test_bm25_prefers_rare_words() -> None:
    train = ['the cat sat on the mat', 'the dog ate the bone', 'a zebra ran', 'the end']
    assert BM25Retriever(texts(train, ['the the the zebra']), ice_num=1).retrieve() == [[2]]


def test_bm25_finds_what_chinese_sentences_share() -> None:
    train = ['中国的首都是哪里？', '水的沸点是多少度？', '《红楼梦》的作者是谁？', '端午节吃什么？']
    found = BM25Retriever(texts(train, ['《西游记》的作者是谁？', '日本的首都是哪里？']), ice_num=1).retrieve()
    assert found == [[2], [0]]
    assert words('今天 天气 怎么样') == ['今天', '天气', '怎么样']  # words that are told apart stay as they are
    assert words("Don't panic. Run!") == ['Do', "n't", 'panic', '.', 'Run', '!']


def test_mdl_takes_the_examples_with_which_the_model_is_surest(tiny: Path) -> None:
    data = texts([str(number) for number in range(12)], ['5', '6'])
    template = PromptTemplate({0: '</E>{text} is even.', 1: '</E>{text} is odd.'}, ice_token='</E>')
    made = MDLRetriever(
        data, ice_num=2, candidate_num=6, select_time=8, ce_model_name=str(tiny), ice_template=template, seed=3
    )
    near = made.nearest(6)
    for index, chosen in enumerate(made.retrieve()):
        assert set(chosen) <= set(near[index].tolist())
        assert made._entropy(index, chosen) <= made._entropy(index, near[index][:2].tolist())
    assert made.retrieve() == made.retrieve()


def test_mdl_asks_for_the_template_that_it_needs(tiny: Path) -> None:
    with pytest.raises(ValueError, match='MDLRetriever needs an ice_template'):
        MDLRetriever(texts(['1'], ['2']), ce_model_name=str(tiny)).retrieve()


@pytest.mark.parametrize('rows', ['[3:]', '[2:5]', '[::-1]', '[1::3]'])
def test_what_is_drawn_for_a_row_is_the_same_in_every_part_of_the_data(tiny: Path, rows: str) -> None:
    train, test = [str(number) for number in range(9)], [str(number) for number in range(7)]
    whole, part = texts(train, test), texts(train, test, test_range=rows)
    numbers = part.reader.test_numbers
    template = {'type': PromptTemplate, 'template': {0: '</E>{text}: 0', 1: '</E>{text}: 1'}, 'ice_token': '</E>'}
    mdl = {'ice_num': 2, 'candidate_num': 5, 'select_time': 3, 'ce_model_name': str(tiny), 'ice_template': template}
    for kind, settings in ((RandomRetriever, {'ice_num': 3}), (MDLRetriever, mdl)):
        all_rows = kind(whole, **settings).retrieve()
        assert kind(part, **settings).retrieve() == [all_rows[number] for number in numbers]


def test_more_random_examples_than_rows_are_an_error_with_both_numbers() -> None:
    with pytest.raises(ValueError, match='ice_num is 3, but there are 2 rows'):
        RandomRetriever(texts(['1', '2'], ['3']), ice_num=3).retrieve()
