"""What the harness does for a sample does not grow with their number; counted, not timed."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from opencompass.datasets.base import BaseDataset
from opencompass.models import FakeModel
from opencompass.openicl.icl_inferencer import GenInferencer, PPLInferencer
from opencompass.openicl.icl_prompt_template import PromptTemplate
from opencompass.openicl.icl_retriever import FixKRetriever
from opencompass.utils.files import write_json
from opencompass.utils.prompt import PromptList


class Quiz(BaseDataset):
    """So many items; two to choose examples from."""

    @staticmethod
    def load(count: int) -> Any:
        from datasets import Dataset, DatasetDict

        rows = Dataset.from_list([{'question': f'what is {number}?', 'answer': 'A'} for number in range(count)])
        return DatasetDict(train=rows.select(range(2)), test=rows)


class Instant(FakeModel):
    """Keeps what it is asked."""

    def get_ppl_from_template(self, templates: Any, mask_length: list[int] | None = None) -> list[float]:
        self.asked = [*getattr(self, 'asked', []), *templates]
        return [1.0] * len(templates)

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        return ['A'] * len(inputs)


EXAMPLE = PromptTemplate('{question} {answer}\n')
BY_LABEL = PromptTemplate({label: '</E>{question} ' + label for label in 'AB'}, ice_token='</E>')
CHAT_EXAMPLE = PromptTemplate({'round': [{'role': 'HUMAN', 'prompt': '{question}'}, {'role': 'BOT', 'prompt': 'A'}]})
CHAT_BY_LABEL = PromptTemplate(
    {
        label: {
            'begin': ['</E>'],
            'round': [{'role': 'HUMAN', 'prompt': '{question}'}, {'role': 'BOT', 'prompt': label}],
        }
        for label in 'AB'
    },
    ice_token='</E>',
)
KINDS = {
    'ppl': (PPLInferencer, {}, BY_LABEL),
    'gen': (GenInferencer, {'max_out_len': 5}, PromptTemplate('</E>{question} ', ice_token='</E>')),
}


def infer(folder: Path, count: int, kind: str = 'ppl', *, chat: bool = False) -> Instant:
    """Run an inferencer on so many items with two examples; the model that it asked."""
    inferencer, settings, template = KINDS[kind]
    model = Instant()
    made = inferencer(model=model, batch_size=4, fix_id_list=[0, 1], output_json_filepath=str(folder), **settings)
    quiz = Quiz(reader_cfg={'input_columns': ['question'], 'output_column': 'answer'}, count=count)
    templates = (CHAT_EXAMPLE, CHAT_BY_LABEL) if chat else (EXAMPLE, template)
    made.inference(FixKRetriever(quiz), *templates, output_json_filename=f'{count}.json')
    return model


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The rows that were made into examples."""
    made: list[Any] = []
    plain = PromptTemplate.generate_ice_item

    def counted(self: PromptTemplate, entry: dict, label: Any) -> Any:
        made.append(entry['question'])
        return plain(self, entry, label)

    monkeypatch.setattr(PromptTemplate, 'generate_ice_item', counted)
    return made


@pytest.mark.parametrize('kind', KINDS)
def test_examples_of_all_rows_are_built_once(tmp_path: Path, calls: list[Any], kind: str) -> None:
    infer(tmp_path, 30, kind)
    assert calls == ['what is 0?', 'what is 1?']


def test_turns_of_examples_are_shared_by_all_prompts(tmp_path: Path) -> None:
    asked = infer(tmp_path, 30, chat=True).asked
    turns = [[one for one in prompt if isinstance(one, dict) and one.get('prompt') == 'what is 1?'] for prompt in asked]
    assert len(asked) == 60
    assert isinstance(asked[0], PromptList)
    assert len({id(found[0]) for found in turns}) == 1


@pytest.mark.parametrize('kind', KINDS)
def test_work_grows_with_the_number_of_rows_and_no_faster(tmp_path: Path, kind: str) -> None:
    infer(tmp_path, 5, kind)  # what is done once in a process
    work = [function_calls(tmp_path, count, kind) for count in (100, 200, 400)]
    assert work[2] - work[1] == pytest.approx(2 * (work[1] - work[0]), rel=0.05)


def function_calls(folder: Path, count: int, kind: str) -> int:
    """How many functions, of Python and of C, a run calls."""
    called = 0

    def watch(frame: Any, event: str, argument: Any) -> None:
        nonlocal called
        called += event in ('call', 'c_call')

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        infer(folder, count, kind)
    finally:
        sys.setprofile(before)
    return called


def test_a_json_file_is_written_without_a_text_of_all_of_it(tmp_path: Path) -> None:
    records = dict.fromkeys(map(str, range(1_000)), {'prompt': 'a "long" prompt\n' * 1_000})
    tracemalloc.start()
    write_json(tmp_path / 'out.json', records, indent=4, ensure_ascii=False)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / 'out.json').stat().st_size > 18_000_000
    assert most < 1_000_000
