"""What every partitioner is."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from mmengine.config import ConfigDict

from opencompass.utils.abbr import get_infer_output_path
from opencompass.utils.logging import get_logger


class BasePartitioner(ABC):
    """Divides the models and data sets of a config into tasks. A subclass writes `partition`.

    `out_dir` is the folder of what the tasks will write; what is already there needs no task.
    """

    def __init__(self, out_dir: str) -> None:
        self.out_dir = out_dir

    def __call__(self, cfg: ConfigDict) -> list[ConfigDict]:
        """The tasks still to do, each a config with `models`, `datasets` (a list for each model) and `work_dir`."""
        tasks = self.partition(
            copy.deepcopy(cfg['models']), copy.deepcopy(cfg['datasets']), cfg['work_dir'], self.out_dir
        )
        get_logger().info('Partitioned into %d tasks.', len(tasks))
        return tasks

    @abstractmethod
    def partition(
        self, models: list[ConfigDict], datasets: list[ConfigDict], work_dir: str, out_dir: str
    ) -> list[ConfigDict]:
        """The tasks of these models and data sets."""


def one_task(model: ConfigDict, datasets: list[ConfigDict], work_dir: str) -> ConfigDict:
    """The task of one model and some data sets."""
    return ConfigDict(models=[model], datasets=[datasets], work_dir=work_dir)


def is_done(model: dict[str, Any], dataset: dict[str, Any], out_dir: str) -> bool:
    """Whether the final output is there; unfinished work lies in files of other names."""
    return Path(get_infer_output_path(model, dataset, out_dir)).is_file()
