"""A task: one or more models, each on some data sets, in one process."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..utils import failures
from ..utils.abbr import dataset_abbr_from_cfg, get_infer_output_path, model_abbr_from_cfg, task_abbr_from_cfg
from ..utils.logging import get_logger

#: Data sets that stand in the short name of a task.
SHOWN = 4


class BaseTask:
    """What a runner needs to know of a task, and what all tasks do when a data set fails.

    Args:
        cfg: `models`, `datasets` (a list for each model) and `work_dir`.
    """

    name_prefix: str
    #: Below the work directory: where logs go and where outputs go.
    log_subdir: str
    output_subdir: str

    def __init__(self, cfg: Any) -> None:
        self.model_cfgs = cfg['models']
        self.dataset_cfgs = cfg['datasets']
        self.work_dir = cfg['work_dir']
        self.cfg = cfg
        self.num_gpus = 0
        #: Cores that the task keeps busy, for runners that share out a machine.
        self.num_cpus = 1
        self.failed: list[failures.Failure] = []
        self.logger = get_logger()
        if not any(self.dataset_cfgs):
            raise IndexError('a task needs a model and a data set')

    @abstractmethod
    def run(self) -> None:
        """Do the work."""

    @abstractmethod
    def get_command(self, cfg_path: str, template: str) -> str:
        """The shell command that runs the task from a config file; `{task_cmd}` in the template stands for it."""

    @property
    def stage(self) -> str:
        """'infer' or 'eval'."""
        return Path(self.log_subdir).name

    @property
    def name(self) -> str:
        """PREFIX[MODEL/DATASET,...]"""
        return self.name_prefix + task_abbr_from_cfg({'models': self.model_cfgs, 'datasets': self.dataset_cfgs})

    @property
    def short_name(self) -> str:
        """The name, or of a task with many data sets its beginning and their number: for a line in a terminal."""
        count = sum(map(len, self.dataset_cfgs))
        if count <= SHOWN:
            return self.name
        return ','.join(self.name.split(',')[:SHOWN]) + f',... {count} data sets]'

    @property
    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """Each (model config, data set config)."""
        for model, datasets in zip(self.model_cfgs, self.dataset_cfgs, strict=True):
            for dataset in datasets:
                yield model, dataset

    def get_log_path(self, file_extension: str = 'json') -> str:
        """The log, named after the first model and its first data set."""
        return get_infer_output_path(
            self.model_cfgs[0], self.dataset_cfgs[0][0], str(Path(self.work_dir, self.log_subdir)), file_extension
        )

    def get_output_paths(self, file_extension: str = 'json') -> list[str]:
        """The output of each data set of each model."""
        return [
            get_infer_output_path(model, dataset, str(Path(self.work_dir, self.output_subdir)), file_extension)
            for model, dataset in self.pairs
        ]

    def each(self, work: Callable[[Any, Any], None], pairs: list[tuple[Any, Any]]) -> None:
        """Do the work for each pair. One that fails does not keep the others from being done; the first error is raised
        in the end, all are in `failed`."""
        first: Exception | None = None
        for model, dataset in pairs:
            try:
                work(model, dataset)
            except Exception as error:
                failure = self.note(error, model, dataset)
                if first is not None:
                    self.logger.error(f'{self.name_prefix}[{failure.place}]: {failure.error}')
                first = first or error
        if first is not None:
            raise first

    def note(self, error: BaseException, model: Any, dataset: Any) -> failures.Failure:
        """Keep why a data set of a model is not done."""
        failure = failures.Failure(
            self.stage,
            model_abbr_from_cfg(model),
            dataset_abbr_from_cfg(dataset),
            failures.kind_of(error),
            failures.message_of(error),
            self.get_log_path('out'),
        )
        self.failed.append(failure)
        return failure

    def note_all(self, error: BaseException) -> None:
        """Keep why nothing of this task is done."""
        for model, dataset in self.pairs:
            self.note(error, model, dataset)

    def forget_failures(self) -> None:
        """Take what failed in an earlier run off the record."""
        for model, dataset in self.pairs:
            failures.clear(self.work_dir, self.stage, model_abbr_from_cfg(model), dataset_abbr_from_cfg(dataset))

    def write_failures(self) -> None:
        """Put what failed on record beside the logs, and take what no longer fails off it."""
        self.forget_failures()
        for failure in self.failed:
            failures.record(self.work_dir, failure)
