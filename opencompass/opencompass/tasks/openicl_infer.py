"""Predictions of models on data sets. As a script: `python openicl_infer.py CONFIG`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import ConfigDict

from opencompass.registry import ICL_INFERENCERS, ICL_PROMPT_TEMPLATES, ICL_RETRIEVERS, TASKS
from opencompass.tasks import _needs
from opencompass.tasks._models import load
from opencompass.tasks.base import BaseTask
from opencompass.utils import provenance
from opencompass.utils.abbr import get_infer_output_path, model_abbr_from_cfg, task_abbr_from_cfg
from opencompass.utils.build import build_dataset_from_cfg
from opencompass.utils.predictions import store_path
from opencompass.utils.prompt import PromptError

#: Where all random numbers of a data set begin, whatever ran before it in the same process.
SEED = 0


@TASKS.register_module(force=__name__ == '__main__')  # as a script it is there a second time
class OpenICLInferTask(BaseTask):
    """Loads each model once and runs the inferencer of each of its data sets. What has its predictions file is left
    out."""

    name_prefix = 'OpenICLInfer'
    log_subdir = 'logs/infer'
    output_subdir = 'predictions'

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        run_cfgs = [model.get('run_cfg', {}) for model in self.model_cfgs]
        self.num_gpus = max(one.get('num_gpus', 0) for one in run_cfgs)
        self.num_procs = _needs.processes(self.model_cfgs)
        self.num_cpus = _needs.cores(self.model_cfgs, self.num_gpus)

    def get_command(self, cfg_path: str, template: str) -> str:
        return template.format(task_cmd=_needs.command(__file__, cfg_path, self.num_gpus, self.num_procs))

    def run(self) -> None:
        self.logger.info(f'Task {task_abbr_from_cfg(self.cfg)}')
        for model_cfg, dataset_cfgs in zip(self.model_cfgs, self.dataset_cfgs, strict=True):
            self._infer_all(model_cfg, dataset_cfgs)

    def _infer_all(self, model_cfg: Any, dataset_cfgs: Sequence[Any]) -> None:
        """The data sets of one model, which is let go of at the end, so that the next one finds room."""
        try:
            model = load(model_cfg)
        except Exception as error:
            for dataset_cfg in dataset_cfgs:
                self.note(error, model_cfg, dataset_cfg)
            raise
        self.each(partial(self._infer, model), [(model_cfg, dataset_cfg) for dataset_cfg in dataset_cfgs])

    def _infer(self, model: Any, model_cfg: Any, dataset_cfg: Any) -> None:
        final = Path(get_infer_output_path(model_cfg, dataset_cfg, str(Path(self.work_dir, self.output_subdir))))
        if final.exists():
            store_path(final).unlink(missing_ok=True)
            return
        dataset, infer_cfg = build_dataset_from_cfg(dataset_cfg), dataset_cfg['infer_cfg']
        if hasattr(dataset, 'check'):
            dataset.check(dataset_cfg)
        names = task_abbr_from_cfg({'models': [model_cfg], 'datasets': [[dataset_cfg]]})
        self.logger.info(f'Start inferencing {names}')
        parts = prepare(model, model_cfg, dataset, infer_cfg)
        seed()
        provenance.note(final, provenance.of_inference(model, model_cfg, dataset_cfg, parts.inferencer, SEED))
        parts.inferencer.inference(
            parts.retriever, output_json_filepath=str(final.parent), output_json_filename=final.name, **parts.templates
        )


class Prepared(NamedTuple):
    """What `infer_cfg` of a data set describes, for one model; `templates` has `ice_template` and `prompt_template`."""

    retriever: Any
    inferencer: Any
    templates: dict[str, Any]


def prepare(model: Any, model_cfg: Any, dataset: Any, infer_cfg: Any) -> Prepared:
    """Retriever, inferencer and templates of a loaded data set for a loaded model."""
    templates = {
        name: ICL_PROMPT_TEMPLATES.build(infer_cfg[name])
        for name in ('ice_template', 'prompt_template')
        if name in infer_cfg
    }
    retriever = ICL_RETRIEVERS.build(ConfigDict({**infer_cfg['retriever'], 'dataset': dataset}))
    inferencer = ICL_INFERENCERS.build(_inferencer_cfg(model, model_cfg, infer_cfg))
    if not templates:
        raise PromptError('infer_cfg of the data set needs an ice_template or a prompt_template')
    return Prepared(retriever, inferencer, templates)


def _inferencer_cfg(model: Any, model_cfg: Any, infer_cfg: Any) -> ConfigDict:
    """The inferencer's config, with the model's lengths and batch size where it says nothing itself."""
    given = dict(infer_cfg['inferencer'])
    defaults = {name: model_cfg[name] for name in ('max_out_len', 'batch_size') if name in model_cfg}
    if 'batch_size' not in {**defaults, **given}:
        raise PromptError(
            f"{model_abbr_from_cfg(model_cfg)}: give batch_size in the model config (or the inferencer's)"
        )
    return ConfigDict({**defaults, **given, 'model': model, 'max_seq_len': model_cfg['max_seq_len']})


def seed() -> None:
    """Begin all random numbers anew."""
    import numpy

    random.seed(SEED)
    numpy.random.seed(SEED)


if __name__ == '__main__':
    from opencompass.tasks._script import main

    main(OpenICLInferTask)
