"""Scores of predictions. As a script: `python3 openicl_eval.py CONFIG`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opencompass.registry import ICL_EVALUATORS, TASKS, TEXT_POSTPROCESSORS
from opencompass.tasks.base import BaseTask
from opencompass.utils import provenance
from opencompass.utils.abbr import get_infer_output_path, task_abbr_from_cfg
from opencompass.utils.build import build_dataset_from_cfg, model_class
from opencompass.utils.files import write_json
from opencompass.utils.predictions import parts, records
from opencompass.utils.statistics import plain, statistics_of


@TASKS.register_module(force=__name__ == '__main__')  # as a script it is there a second time
class OpenICLEvalTask(BaseTask):
    """Scores each data set's predictions against its references. What has its result file is left out."""

    name_prefix = 'OpenICLEval'
    log_subdir = 'logs/eval'
    output_subdir = 'results'

    def get_command(self, cfg_path: str, template: str) -> str:
        script = shlex.quote(str(Path(__file__).resolve()))
        return template.format(task_cmd=f'python3 {script} {cfg_path}')

    def run(self) -> None:
        self.each(self._score, list(self.pairs))

    def _score(self, model_cfg: Any, dataset_cfg: Any) -> None:
        output = Path(get_infer_output_path(model_cfg, dataset_cfg, str(Path(self.work_dir, self.output_subdir))))
        if output.exists():
            return
        name = task_abbr_from_cfg(self.cfg)
        if not dataset_cfg.get('eval_cfg'):
            raise TypeError(f'data set {output.stem} has no eval_cfg: it says which evaluator scores the predictions')
        predictions = self._predictions(model_cfg, dataset_cfg)
        if predictions is None:
            self.logger.error(f'Task {name}: No predictions found.')
            missing = FileNotFoundError(f'no predictions for {output.stem} in {self.work_dir}/predictions; infer first')
            self.note(missing, model_cfg, dataset_cfg)
            return
        references = self._references(dataset_cfg)
        eval_cfg = dataset_cfg['eval_cfg']
        predictions = shaped_predictions(predictions, model_cfg, eval_cfg)
        if 'dataset_postprocessor' in eval_cfg:
            references = [*map(postprocessor(eval_cfg['dataset_postprocessor']), references)]
        evaluator = ICL_EVALUATORS.build(eval_cfg['evaluator'])
        result = evaluator.score(predictions=predictions, references=references)
        if not isinstance(result, dict):
            result = {'score': result}  # of evaluators with a single number
        if 'error' in result:
            self.logger.error(f'Task {name}: {result["error"]}')
            self.note(ValueError(result['error']), model_cfg, dataset_cfg)
            return
        self.logger.info(f'Task {name}: {result}')
        write_json(output, {**result, **self._details(evaluator, references, model_cfg, dataset_cfg)})

    def _details(self, evaluator: Any, references: list, model_cfg: Any, dataset_cfg: Any) -> dict:
        """How sure the metrics are, the values of which samples they are means of, and how the predictions came
        about."""
        samples = plain(getattr(evaluator, 'samples', {}))
        origin = provenance.of_predictions([*parts(self._predictions_path(model_cfg, dataset_cfg))])
        details = {
            'statistics': statistics_of(samples),
            'samples': samples,
            'data': provenance.digest(references) if samples else None,
            'provenance': origin,
        }
        return {name: value for name, value in details.items() if value}

    def _predictions_path(self, model_cfg: Any, dataset_cfg: Any) -> Path:
        return Path(get_infer_output_path(model_cfg, dataset_cfg, str(Path(self.work_dir, 'predictions'))))

    @staticmethod
    def _references(dataset_cfg: Any) -> list:
        """The column of right answers."""
        rows, column = build_dataset_from_cfg(dataset_cfg).test, dataset_cfg['reader_cfg']['output_column']
        if column not in rows.column_names:
            raise KeyError(f'output_column {column!r} is no column of the data set; it has {rows.column_names}')
        return list(rows[column])

    def _predictions(self, model_cfg: Any, dataset_cfg: Any) -> list | None:
        """All predictions in order, from the whole file or its parts; None when there is none."""
        path = self._predictions_path(model_cfg, dataset_cfg)
        files = list(parts(path))
        if files and files != [path] and path.with_name(f'{path.stem}_{len(files) + 1}{path.suffix}').exists():
            raise FileNotFoundError(
                f'{path.stem}_{len(files)}{path.suffix} is missing in {path.parent}; infer it with -r'
            )
        return [record['prediction'] for record in records(files)] if files else None


def shaped_predictions(predictions: list, model_cfg: Any, eval_cfg: Any) -> list:
    """Predictions cut to the answering role's part, and postprocessed, as the config says."""
    role = eval_cfg.get('pred_role')
    if role and model_cfg.get('meta_template') and not _is_api(model_cfg):
        predictions = [_answer_of(role, model_cfg['meta_template'], one) for one in predictions]
    if 'pred_postprocessor' in eval_cfg:
        predictions = [*map(postprocessor(eval_cfg['pred_postprocessor']), predictions)]
    return predictions


def _is_api(model_cfg: Any) -> bool:
    kind = model_class(model_cfg)
    if kind is None:
        raise AttributeError(f'no model class is registered as {model_cfg["type"]!r}')
    return kind.is_api


def postprocessor(cfg: Any) -> Callable[[str], Any]:
    """The function named by a config, with the config's other keys as its keyword arguments."""
    from functools import partial

    arguments = dict(cfg)
    kind = arguments.pop('type')
    function = TEXT_POSTPROCESSORS.get(kind) if isinstance(kind, str) else kind
    if function is None:
        raise TypeError(f'no postprocessor is registered as {kind!r}')
    return partial(function, **arguments) if arguments else function


def _answer_of(role: str, meta_template: Any, prediction: str) -> str:
    """What stands between the begin and the end of a role; all of it where the prediction has neither."""
    roles = {one['role']: one for one in meta_template['round'] if isinstance(one, dict)}
    if role not in roles:
        raise KeyError(f"pred_role {role!r} is none of the roles of the model's meta_template: {list(roles)}")
    spelling = roles[role]
    begin, end = spelling.get('begin', ''), spelling.get('end', '')
    text = prediction.split(begin, 1)[-1] if begin else prediction
    return text.split(end, 1)[0] if end else text


if __name__ == '__main__':
    from opencompass.tasks._script import main

    main(OpenICLEvalTask)
