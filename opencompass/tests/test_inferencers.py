"""From examples to records: what is asked, in which batches, and what of an interrupted run is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from opencompass.datasets.base import BaseDataset
from opencompass.models import FakeModel
from opencompass.openicl.icl_inferencer import CLPInferencer, GenInferencer, GLMChoiceInferencer, PPLInferencer
from opencompass.openicl.icl_prompt_template import PromptTemplate
from opencompass.openicl.icl_retriever import FixKRetriever, RandomRetriever, ZeroRetriever
from opencompass.utils.logging import get_logger
from opencompass.utils.predictions import store_path
from opencompass.utils.requests import Request


class Quiz(BaseDataset):
    """Eleven items; the same rows to choose examples from."""

    @staticmethod
    def load() -> Any:
        from datasets import Dataset, DatasetDict

        rows = Dataset.from_list(
            [
                {'question': f'what is {number}?', 'answer': 'AB'[number % 2], 'choices': ['A', 'B']}
                for number in range(11)
            ]
        )
        return DatasetDict(train=rows, test=rows)


class Flaky(FakeModel):
    """Writes down what it is asked and raises after so many texts."""

    def __init__(self, breaks_after: int = 10_000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.breaks_after = breaks_after
        self.asked: list[str] = []

    def _think(self, text: Any) -> str:
        if len(self.asked) == self.breaks_after:
            raise RuntimeError('power cut')
        self.asked.append(str(text))
        return super()._think(text)


@pytest.fixture(scope='module')
def quiz() -> Quiz:
    return Quiz(reader_cfg={'input_columns': ['question'], 'output_column': 'answer'})


TEXT = PromptTemplate('Q: {question} ')
BY_LABEL = PromptTemplate({'A': '</E>{question} A', 'B': '</E>{question} B'}, ice_token='</E>')
EXAMPLE = PromptTemplate('{question} {answer}')
KINDS = {
    'gen': (GenInferencer, {'max_out_len': 20}, TEXT),
    'ppl': (PPLInferencer, {}, BY_LABEL),
    'clp': (CLPInferencer, {}, TEXT),
}


def infer(kind: str, quiz: Quiz, model: FakeModel, folder: Path, name: str = 'quiz.json', **settings: Any) -> Path:
    """Run an inferencer in batches of 4; its predictions file."""
    inferencer, needed, template = KINDS[kind]
    made = inferencer(
        model=model, batch_size=4, output_json_filepath=str(folder), output_json_filename=name, **{**needed, **settings}
    )
    made.inference(ZeroRetriever(quiz), prompt_template=template)
    return folder / name


def test_a_model_that_scores_can_choose(tmp_path: Path, quiz: Quiz) -> None:
    made = GLMChoiceInferencer(
        FakeModel(), max_out_len=1, output_json_filepath=str(tmp_path), output_json_filename='q.json'
    )
    made.inference(ZeroRetriever(quiz), prompt_template=PromptTemplate('{question} '))
    records = json.loads((tmp_path / 'q.json').read_text())
    losses = FakeModel().get_ppl([f'what is 0? {choice}' for choice in 'ABCD'], [len('what is 0? ')] * 4)
    assert records['0'] == {'origin_prompt': 'what is 0? ', 'prediction': 'ABCD'[losses.index(min(losses))]}
    assert len(records) == 11


def test_generating_from_templates_for_labels_is_warned_of(
    tmp_path: Path, quiz: Quiz, caplog: pytest.LogCaptureFixture
) -> None:
    get_logger().addHandler(caplog.handler)
    made = GenInferencer(FakeModel(), max_out_len=5, output_json_filepath=str(tmp_path), output_json_filename='q.json')
    made.inference(ZeroRetriever(quiz), prompt_template=PromptTemplate({'A': '{question} A', 'B': '{question} B'}))
    get_logger().removeHandler(caplog.handler)
    assert 'a template for each label (A, B)' in caplog.text
    assert json.loads((tmp_path / 'q.json').read_text())['0']['origin_prompt'] == 'what is 0? A'


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('after', [0, 5, 8])
def test_interrupted_run_asks_only_what_is_not_whole_and_ends_with_the_same_bytes(
    tmp_path: Path, quiz: Quiz, kind: str, after: int
) -> None:
    calm, broken, again = Flaky(), Flaky(after), Flaky()
    wanted = infer(kind, quiz, calm, tmp_path / 'calm').read_bytes()
    with pytest.raises(RuntimeError, match='power cut'):
        infer(kind, quiz, broken, tmp_path)
    assert store_path(tmp_path / 'quiz.json').exists()
    assert infer(kind, quiz, again, tmp_path).read_bytes() == wanted
    assert not store_path(tmp_path / 'quiz.json').exists()
    assert again.asked == calm.asked[after - after % 4 :]


def test_results_of_another_length_of_answers_are_not_used(tmp_path: Path, quiz: Quiz) -> None:
    with pytest.raises(RuntimeError, match='power cut'):
        infer('gen', quiz, Flaky(8), tmp_path, max_out_len=5)
    model = Flaky()
    infer('gen', quiz, model, tmp_path, max_out_len=20)
    assert len(model.asked) == 11


def test_an_answer_ends_at_its_stop_texts_and_at_its_items_own_length(tmp_path: Path) -> None:
    class Lengths(Quiz):
        @staticmethod
        def load() -> Any:
            found = Quiz.load()
            return found.map(lambda row, number: {'max_out_len': None if number % 2 else 4}, with_indices=True)

    own = Lengths(reader_cfg={'input_columns': ['question'], 'output_column': 'answer'})
    whole = records_of(infer('gen', own, FakeModel(), tmp_path, 'whole.json'))
    assert whole[:2] == ['0? i', '1? is what']  # as few characters as the item says; as many as the inferencer does
    cut = records_of(infer('gen', own, FakeModel(), tmp_path, 'cut.json', stopping_criteria=['at', ' w', 'no']))
    assert cut[:2] == ['0? i', '1? is']


def records_of(file: Path) -> list[str]:
    return [record['prediction'] for record in json.loads(file.read_text()).values()]


@pytest.mark.parametrize('kind', KINDS)
def test_results_of_another_model_under_the_same_name_are_not_used(tmp_path: Path, quiz: Quiz, kind: str) -> None:
    with pytest.raises(RuntimeError, match='power cut'):
        infer(kind, quiz, Flaky(8, path='before'), tmp_path)
    calm, model = Flaky(), Flaky(path='after')
    infer(kind, quiz, calm, tmp_path / 'calm')
    infer(kind, quiz, model, tmp_path)
    assert model.asked == calm.asked


class OutOfOrder(FakeModel):
    """Finishes the last requests first."""

    def generate_stream(
        self, requests: Sequence[Request], max_out_len: int, batch_size: int, done: set[int]
    ) -> Iterator[tuple[int, str]]:
        return reversed(list(super().generate_stream(requests, max_out_len, batch_size, done)))  # type: ignore[return-value]


def test_order_in_which_a_model_finishes_does_not_show(tmp_path: Path, quiz: Quiz) -> None:
    straight, reverse = (
        infer('gen', quiz, model, tmp_path, name) for model, name in ((FakeModel(), 'a.json'), (OutOfOrder(), 'b.json'))
    )
    assert straight.read_bytes() == reverse.read_bytes()


@pytest.mark.parametrize(('room', 'examples'), [(49, [0, 1, 2]), (48, [0, 1]), (35, [0]), (22, []), (1, [])])
def test_examples_are_dropped_from_the_end_until_the_prompt_fits(
    tmp_path: Path, quiz: Quiz, room: int, examples: list[int]
) -> None:
    model = Flaky()
    made = GenInferencer(
        model=model,
        max_out_len=5,
        max_seq_len=room,
        fix_id_list=[0, 1, 2],
        output_json_filepath=str(tmp_path),
        output_json_filename='quiz.json',
    )
    made.inference(
        FixKRetriever(quiz), ice_template=EXAMPLE, prompt_template=PromptTemplate('</E>{question}', ice_token='</E>')
    )
    shots = '\n'.join(f'what is {number}? {"AB"[number % 2]}' for number in examples)
    assert model.asked[5] == f'{shots}\nwhat is 5?'
    assert examples == [] or len(model.asked[5]) <= room


def test_every_label_of_an_item_gets_the_same_examples(tmp_path: Path, quiz: Quiz) -> None:
    model = Flaky()
    template = PromptTemplate({'A': '</E>{question} A', 'B': '</E>{question} B, which is longer'}, ice_token='</E>')
    made = PPLInferencer(
        model=model,
        max_seq_len=45,
        labels=['B', 'A'],
        fix_id_list=[0, 1],
        output_json_filepath=str(tmp_path),
        output_json_filename='quiz.json',
    )
    made.inference(FixKRetriever(quiz), ice_template=EXAMPLE, prompt_template=template)
    assert model.asked[0] == 'what is 0? A\nwhat is 0? B, which is longer'
    assert model.asked[11] == 'what is 0? A\nwhat is 0? A'


def test_equal_perplexities_give_the_first_label(tmp_path: Path, quiz: Quiz) -> None:
    template = PromptTemplate({'B': '</E>{question}', 'A': '</E>{question}'}, ice_token='</E>')
    made = PPLInferencer(model=FakeModel(), output_json_filepath=str(tmp_path), output_json_filename='quiz.json')
    assert made.inference(ZeroRetriever(quiz), prompt_template=template) == ['B'] * 11


def test_chat_template_works_for_choices(tmp_path: Path, quiz: Quiz) -> None:
    model = Flaky(
        meta_template={
            'round': [
                {'role': 'HUMAN', 'begin': '<h>', 'end': '</h>'},
                {'role': 'BOT', 'begin': '<b>', 'end': '</b>', 'generate': True},
            ]
        }
    )
    template = PromptTemplate(
        {'round': [{'role': 'HUMAN', 'prompt': '{question}'}, {'role': 'BOT', 'prompt': '{answer}'}]}
    )
    made = CLPInferencer(model=model, output_json_filepath=str(tmp_path), output_json_filename='quiz.json')
    answers = made.inference(ZeroRetriever(quiz), prompt_template=template)
    assert model.asked[3] == '<h>what is 3?</h><b>'
    record = json.loads((tmp_path / 'quiz.json').read_text())['3']
    assert answers[3] == record['prediction'] == pytest.approx([1 - record['prediction'][1], record['prediction'][1]])
    assert record['choices'] == ['A', 'B']


def words(*rows: list[str]) -> Quiz:
    """The quiz with other choices, a list for each of its first items in turn."""

    class Words(Quiz):
        @staticmethod
        def load() -> Any:
            from datasets import Dataset, DatasetDict

            made = Dataset.from_list(
                [{'question': f'{number}?', 'answer': 'A', 'choices': row} for number, row in enumerate(rows)]
            )
            return DatasetDict(train=made, test=made)

    return Words(reader_cfg={'input_columns': ['question'], 'output_column': 'answer'})


@pytest.mark.parametrize('choices', [['no', 'none'], ['yes', '']])
def test_choices_that_their_first_tokens_do_not_tell_apart_are_refused(tmp_path: Path, choices: list[str]) -> None:
    with pytest.raises(ValueError, match='use the PPLInferencer for this data set') as error:
        infer('clp', words(['yes', 'no'], choices), FakeModel(), tmp_path)
    assert str(choices) in str(error.value)


def test_choices_of_different_items_may_begin_alike(tmp_path: Path) -> None:
    records = json.loads(infer('clp', words(['no', 'yes'], ['nine', 'one']), FakeModel(), tmp_path).read_text())
    assert [record['choices'] for record in records.values()] == [['no', 'yes'], ['nine', 'one']]


LINES = PromptTemplate({label: f'</E>Q:\n{{question}}\nA: {label}' for label in 'AB'}, ice_token='</E>')


def records(made: Any, *args: Any, **kwargs: Any) -> list[dict]:
    """What an inferencer writes."""
    made.inference(*args, **kwargs)
    file = Path(made.output_json_filepath, made.output_json_filename)
    return list(json.loads(file.read_text(encoding='utf-8')).values())


@pytest.mark.parametrize(('room', 'has_examples'), [(None, True), (5, False)])
def test_the_testing_input_is_the_prompt_without_its_own_examples(
    tmp_path: Path, quiz: Quiz, room: int | None, has_examples: bool
) -> None:
    retriever = RandomRetriever(quiz, ice_num=2)
    settings = {'batch_size': 8, 'max_seq_len': room, 'output_json_filepath': str(tmp_path)}
    ranked = records(PPLInferencer(FakeModel(), output_json_filename='ppl.json', **settings), retriever, LINES, LINES)
    chosen = records(
        CLPInferencer(FakeModel(), output_json_filename='clp.json', **settings),
        retriever,
        EXAMPLE,
        PromptTemplate('</E>Q:\n{question}\nA:', ice_token='</E>'),
    )
    for number, (one, other) in enumerate(zip(ranked, chosen, strict=True)):
        assert one['label: B']['testing input'].strip() == f'Q:\nwhat is {number}?\nA: B'
        assert one['label: B']['prompt'].count('Q:') == (3 if has_examples else 1)
        assert other['testing input'].strip() == f'Q:\nwhat is {number}?\nA:yes'


def test_without_any_label_the_config_is_told_what_to_give(tmp_path: Path, quiz: Quiz) -> None:
    with pytest.raises(ValueError, match='give `labels` to the PPLInferencer'):
        PPLInferencer(FakeModel(), labels=[], output_json_filepath=str(tmp_path)).inference(
            ZeroRetriever(quiz), prompt_template=BY_LABEL
        )


def test_example_numbers_are_for_retrievers_that_take_them(tmp_path: Path, quiz: Quiz) -> None:
    zero = GenInferencer(FakeModel(), 5, fix_id_list=[0, 1], output_json_filepath=str(tmp_path))
    assert len(zero.inference(ZeroRetriever(quiz), prompt_template=TEXT)) == 11
    with pytest.raises(TypeError, match=r'give fix_id_list=\[\.\.\.\] to the inferencer'):
        GenInferencer(FakeModel(), 5).inference(FixKRetriever(quiz), EXAMPLE, BY_LABEL)


class Lengths(FakeModel):
    """The perplexity of a text is its length after the mask."""

    def get_ppl(self, inputs: list[str], mask_length: list[int] | None = None) -> Sequence[float]:
        return [len(text) - mask for text, mask in zip(inputs, mask_length or [0] * len(inputs), strict=True)]


def test_the_normalized_answer_is_whole_whether_examples_were_dropped_or_not(tmp_path: Path, quiz: Quiz) -> None:
    template = PromptTemplate(
        {'A': '</E>{question}<S> yes', 'B': '</E>{question}<S> maybe'}, ice_token='</E>', sep_token='<S>'
    )
    for room in (None, 30):
        made = PPLInferencer(Lengths(), max_seq_len=room, fix_id_list=[0, 1, 2], output_json_filepath=str(tmp_path))
        found = records(made, FixKRetriever(quiz), EXAMPLE, template, normalizing_str='Answer:')
        assert {one['label: B']['PPL'] for one in found} == {0}  # ' maybe' after the question less ' maybe' alone


def test_normalizing_without_a_separator_says_what_is_missing(tmp_path: Path, quiz: Quiz) -> None:
    made = PPLInferencer(FakeModel(), output_json_filepath=str(tmp_path))
    with pytest.raises(AssertionError, match='needs a text template with sep_token'):
        made.inference(ZeroRetriever(quiz), prompt_template=BY_LABEL, normalizing_str='x')


def test_choices_need_no_length_of_the_model(tmp_path: Path, quiz: Quiz) -> None:
    made = CLPInferencer(FakeModel(), max_seq_len=None, output_json_filepath=str(tmp_path))
    assert len(made.inference(ZeroRetriever(quiz), prompt_template=TEXT)) == 11
