"""Models compared with each other by a judge. As a script: `python model_eval.py CONFIG`."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any

from opencompass.registry import TASKS
from opencompass.tasks import _answers as answers
from opencompass.tasks import _needs
from opencompass.tasks._comparison import Comparison
from opencompass.tasks._judge import Case, Instructions, Judge, fill
from opencompass.tasks.base import BaseTask
from opencompass.utils import provenance
from opencompass.utils.abbr import dataset_abbr_from_cfg, get_infer_output_path, model_abbr_from_cfg
from opencompass.utils.build import build_dataset_from_cfg
from opencompass.utils.files import write_json
from opencompass.utils.ratings import require_trueskill
from opencompass.utils.statistics import metrics_of

#: What a task's config holds besides the keys of the judge.
TASK_KEYS = {'models', 'datasets', 'work_dir', 'type'}
OWN_KEYS = ('judge', 'question', 'trueskill')


@dataclass(frozen=True)
class Question:
    """A row as the judge sees it."""

    text: str
    reference: str


@TASKS.addition
class ModelEvaluator(BaseTask):
    """Lets a judge compare the answers of all models in pairs. Needs the ComparisonPartitioner.

    The runner's `task` holds, besides `type`: `judge`, the config of a model; `question`, a text with the row's columns
    in braces (default: the reader's input columns); `trueskill=False` to leave that rating out; and what
    `Instructions` takes. Every verdict lies in `judgments/DATASET/A_vs_B.json`; each model's result tells `win_rate`
    in percent, `elo`, `trueskill`, and of how many comparisons a verdict was `unreadable` (these do not count) or
    `inconsistent`, changing with the order of the answers (a tie). None depends on the order of the models.
    """

    name_prefix = 'ModelEvaluator'
    log_subdir = 'logs/eval'
    output_subdir = 'results'

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        known = {one.name for one in fields(Instructions)}
        unknown = set(cfg) - TASK_KEYS - known - {*OWN_KEYS}
        if unknown:
            raise ValueError(f'ModelEvaluator: unknown keys {sorted(unknown)}; it takes {sorted(known | {*OWN_KEYS})}')
        if not cfg.get('judge'):
            raise ValueError('ModelEvaluator needs judge=dict(type=..., path=..., ...), the config of a model')
        self.judge = Judge(cfg['judge'], Instructions(**{name: cfg[name] for name in known if name in cfg}))
        self.num_gpus = cfg['judge'].get('run_cfg', {}).get('num_gpus', 0)
        self.num_procs = _needs.processes([cfg['judge']])
        self.num_cpus = _needs.cores([cfg['judge']], self.num_gpus)

    def get_command(self, cfg_path: str, template: str) -> str:
        return template.format(task_cmd=_needs.command(__file__, cfg_path, self.num_gpus, self.num_procs))

    def run(self) -> None:
        if self.cfg.get('trueskill', True):
            require_trueskill()  # before the judge is paid for
        first: Exception | None = None
        for dataset in {dataset_abbr_from_cfg(one): one for ones in self.dataset_cfgs for one in ones}.values():
            models = {model_abbr_from_cfg(model): model for model, one in self.pairs if one == dataset}
            try:
                self._compare(dict(sorted(models.items())), dataset)
            except Exception as error:
                noted = {one.place for one in self.failed}
                for name, model in models.items():
                    if f'{name}/{dataset_abbr_from_cfg(dataset)}' not in noted:
                        self.note(error, model, dataset)
                first = first or error
        if first is not None:
            raise first

    def _compare(self, models: dict[str, Any], dataset_cfg: Any) -> None:
        if len(models) < 2:
            raise ValueError(
                f'there is nothing to compare {", ".join(models)} with: name two or more models in the config, and '
                "eval=dict(partitioner=dict(type='ComparisonPartitioner'), ...)"
            )
        folder = Path(self.work_dir, 'judgments', dataset_abbr_from_cfg(dataset_cfg).lstrip('/'))
        mark = folder / 'comparison.json'
        outputs = {name: self._output(model, dataset_cfg) for name, model in models.items()}
        told = {'judged': provenance.digest([{**self.cfg, **dict.fromkeys(TASK_KEYS)}, sorted(models)])}
        if all(path.exists() for path in outputs.values()) and _read(mark) == told:
            return
        mark.unlink(missing_ok=True)
        for path in outputs.values():
            path.unlink(missing_ok=True)  # of fewer models, another judge, or another task
        questions = self._questions(dataset_cfg)
        texts = self._answers(models, dataset_cfg, len(questions))
        if len(texts) < 2:
            raise FileNotFoundError(f'only {len(texts)} of {len(models)} models can be compared: the others failed')
        outcomes = {
            pair: self.judge.outcomes(_cases(questions, *(texts[name] for name in pair)), _pair_file(folder, pair))
            for pair in combinations(texts, 2)
        }
        self._write(Comparison(outcomes), {name: models[name] for name in texts}, dataset_cfg, questions)
        if not self.failed:
            write_json(mark, told)

    def _output(self, model_cfg: Any, dataset_cfg: Any) -> Path:
        return Path(get_infer_output_path(model_cfg, dataset_cfg, str(Path(self.work_dir, self.output_subdir))))

    def _questions(self, dataset_cfg: Any) -> list[Question]:
        """What was asked, and what a right answer says where the judge is to know."""
        dataset = build_dataset_from_cfg(dataset_cfg)
        template = self.cfg.get('question')
        texts = [fill(template, **row) if template else _asked(dataset, row) for row in dataset.test]
        if not self.judge.instructions.with_reference:
            return [Question(text, '') for text in texts]
        references = answers.references(dataset, dataset_cfg)
        return [Question(text, _text(one)) for text, one in zip(texts, references, strict=True)]

    def _answers(self, models: dict[str, Any], dataset_cfg: Any, questions: int) -> dict[str, list[str]]:
        """The answers of each model, as far as its role goes; models that have not answered everything are noted."""
        found = {}
        for name, model in models.items():
            try:
                texts = answers.predictions(self.work_dir, model, dataset_cfg)
            except FileNotFoundError as error:  # of a part
                self.note(error, model, dataset_cfg)
                continue
            if texts is None:
                self.note(answers.missing(self.work_dir, dataset_cfg), model, dataset_cfg)
            elif len(texts) != questions:
                self.note(
                    ValueError(f'{len(texts)} predictions for {questions} questions; infer anew'), model, dataset_cfg
                )
            else:
                cut = answers.of_role(texts, model, dataset_cfg.get('eval_cfg', {}))
                found[name] = [str(one).strip() for one in cut]
        return found

    def _write(
        self, comparison: Comparison, models: dict[str, Any], dataset_cfg: Any, questions: list[Question]
    ) -> None:
        """The result of each model; one about whom nothing is known is noted."""
        details = {'models': [*models], 'judge': self.judge.provenance}
        asked = provenance.digest([[one.text, one.reference] for one in questions])
        for name, model in models.items():
            if name not in comparison.rated:
                self.note(ValueError(self._nothing_read(len(questions))), model, dataset_cfg)
                continue
            origin = provenance.of_predictions(answers.files(self.work_dir, model, dataset_cfg))
            result = comparison.result(name, self.cfg.get('trueskill', True))
            self.logger.info(f'{name}/{dataset_abbr_from_cfg(dataset_cfg)}: {metrics_of(result)}')
            more = {'data': asked, 'comparison': details, **({'provenance': origin} if origin else {})}
            write_json(self._output(model, dataset_cfg), {**result, **more})

    def _nothing_read(self, questions: int) -> str:
        return (
            f'no verdict on {questions} questions could be read: see what the judge says in {self.work_dir}/judgments, '
            'and give it more max_out_len or another prompt or verdict'
        )


def _cases(questions: list[Question], first: list[str], second: list[str]) -> list[Case]:
    return [Case(one.text, a, b, one.reference) for one, a, b in zip(questions, first, second, strict=True)]


def _pair_file(folder: Path, pair: tuple[str, ...]) -> Path:
    return folder / f'{"_vs_".join(pair).replace("/", "_")}.json'


def _asked(dataset: Any, row: dict) -> str:
    return str(dataset.reader.generate_input_field_prompt(row))


def _text(reference: Any) -> str:
    """A reference for the judge; of several accepted ones a line each."""
    return '\n'.join(map(str, reference)) if isinstance(reference, (list, tuple)) else str(reference)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding='utf-8')) if path.exists() else None


if __name__ == '__main__':
    from opencompass.tasks._script import main

    main(ModelEvaluator)
