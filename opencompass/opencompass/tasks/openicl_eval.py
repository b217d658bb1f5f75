"""Scores of predictions. As a script: `python3 openicl_eval.py CONFIG`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opencompass.registry import ICL_EVALUATORS, TASKS, TEXT_POSTPROCESSORS
from opencompass.tasks import _answers as answers
from opencompass.tasks.base import BaseTask
from opencompass.utils import provenance
from opencompass.utils.abbr import get_infer_output_path, task_abbr_from_cfg
from opencompass.utils.build import build_dataset_from_cfg
from opencompass.utils.files import write_json
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
        predictions = answers.predictions(self.work_dir, model_cfg, dataset_cfg)
        if predictions is None:
            self.logger.error(f'Task {name}: No predictions found.')
            self.note(answers.missing(self.work_dir, dataset_cfg), model_cfg, dataset_cfg)
            return
        references = answers.references(build_dataset_from_cfg(dataset_cfg), dataset_cfg)
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
        origin = provenance.of_predictions(answers.files(self.work_dir, model_cfg, dataset_cfg))
        details = {
            'statistics': statistics_of(samples),
            'samples': samples,
            'data': provenance.digest(references) if samples else None,
            'provenance': origin,
        }
        return {name: value for name, value in details.items() if value}


def shaped_predictions(predictions: list, model_cfg: Any, eval_cfg: Any) -> list:
    """Predictions cut to the answering role's part, and postprocessed, as the config says."""
    predictions = answers.of_role(predictions, model_cfg, eval_cfg)
    if 'pred_postprocessor' in eval_cfg:
        predictions = [*map(postprocessor(eval_cfg['pred_postprocessor']), predictions)]
    return predictions


def postprocessor(cfg: Any) -> Callable[[str], Any]:
    """The function named by a config, with the config's other keys as its keyword arguments."""
    from functools import partial

    arguments = dict(cfg)
    kind = arguments.pop('type')
    function = TEXT_POSTPROCESSORS.get(kind) if isinstance(kind, str) else kind
    if function is None:
        raise TypeError(f'no postprocessor is registered as {kind!r}')
    return partial(function, **arguments) if arguments else function


if __name__ == '__main__':
    from opencompass.tasks._script import main

    main(OpenICLEvalTask)
