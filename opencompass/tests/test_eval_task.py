"""Predictions to scores, on prediction files as they may lie there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mmengine.config import ConfigDict

from opencompass.datasets.base import BaseDataset
from opencompass.models import FakeModel
from opencompass.openicl.icl_evaluator import BaseEvaluator
from opencompass.tasks import OpenICLEvalTask

ROLES = {'round': [{'role': 'HUMAN'}, {'role': 'BOT', 'begin': '<b>', 'end': '\n\n', 'generate': True}]}


class Rows(BaseDataset):
    """Two rows."""

    @staticmethod
    def load() -> Any:
        from datasets import Dataset, DatasetDict

        rows = Dataset.from_list([{'q': 'x', 'a': 'yes'}, {'q': 'y', 'a': 'no'}])
        return DatasetDict(train=rows, test=rows)


class Shown(BaseEvaluator):
    """The score is what it gets."""

    def score(self, predictions: list, references: list) -> Any:
        return {'predictions': predictions, 'references': references}


class Bare(BaseEvaluator):
    """A bare number."""

    def score(self, predictions: list, references: list) -> Any:
        return 12.5


def result(folder: Path, predictions: dict[str, list], model: dict | None = None, **eval_cfg: Any) -> Any:
    """What the task writes for the predictions, by file name."""
    for name, values in predictions.items():
        file = folder / 'predictions' / 'm' / f'{name}.json'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({str(number): {'prediction': one} for number, one in enumerate(values)}))
    dataset = {
        'abbr': 'quiz',
        'type': Rows,
        'reader_cfg': {'input_columns': ['q'], 'output_column': 'a'},
        'eval_cfg': {'evaluator': {'type': Shown}, **eval_cfg} if eval_cfg.get('evaluator', True) else None,
    }
    models = [{'abbr': 'm', 'type': FakeModel, **(model or {})}]
    task = OpenICLEvalTask(ConfigDict(models=models, datasets=[[dataset]], work_dir=str(folder)))
    task.run()
    return json.loads((folder / 'results' / 'm' / 'quiz.json').read_text())


def test_a_missing_part_is_named_and_the_rest_is_not_scored_as_if_it_were_all(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'quiz_1\.json is missing in .*predictions/m; infer it with -r'):
        result(tmp_path, {'quiz_0': ['yes'], 'quiz_2': ['no']})


def test_parts_are_joined_in_their_order(tmp_path: Path) -> None:
    assert result(tmp_path, {'quiz_0': ['yes'], 'quiz_1': ['no']})['predictions'] == ['yes', 'no']


def test_a_bare_number_of_an_evaluator_is_the_score(tmp_path: Path) -> None:
    assert result(tmp_path, {'quiz': ['a', 'b']}, evaluator={'type': Bare})['score'] == 12.5


def test_arguments_of_a_postprocessor_reach_it_or_are_refused_by_name(tmp_path: Path) -> None:
    first = {'type': lambda text, count: text[:count], 'count': 2}
    assert result(tmp_path, {'quiz': ['yes', 'no']}, pred_postprocessor=first)['predictions'] == ['ye', 'no']
    (tmp_path / 'results/m/quiz.json').unlink()
    with pytest.raises(TypeError, match="unexpected keyword argument 'count'"):
        result(tmp_path, {'quiz': ['a', 'b']}, pred_postprocessor={'type': 'general', 'count': 2})


@pytest.mark.parametrize('template', [None, {}])
def test_a_role_is_looked_for_only_where_the_model_has_roles(tmp_path: Path, template: dict | None) -> None:
    found = result(tmp_path, {'quiz': ['<b>yes', 'no']}, {'meta_template': template}, pred_role='BOT')
    assert found['predictions'] == ['<b>yes', 'no']


def test_an_answer_is_cut_at_the_whole_end_of_its_role(tmp_path: Path) -> None:
    found = result(
        tmp_path, {'quiz': ['<b>line one\nline two\n\n<h>', 'no']}, {'meta_template': ROLES}, pred_role='BOT'
    )
    assert found['predictions'] == ['line one\nline two', 'no']


def test_a_data_set_without_eval_cfg_says_what_it_is_for(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match='data set quiz has no eval_cfg: it says which evaluator'):
        result(tmp_path, {'quiz': ['a', 'b']}, evaluator=None)
