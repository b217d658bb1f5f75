"""One task for each data set, with all models."""

from __future__ import annotations

from mmengine.config import ConfigDict

from opencompass.registry import PARTITIONERS

from .base import BasePartitioner


@PARTITIONERS.addition
class ComparisonPartitioner(BasePartitioner):
    """For tasks that compare models with each other. None is left out for its outputs: whether they still stand when a
    model was added only the task can tell."""

    def partition(
        self, models: list[ConfigDict], datasets: list[ConfigDict], work_dir: str, out_dir: str
    ) -> list[ConfigDict]:
        return [
            ConfigDict(models=models, datasets=[[dataset]] * len(models), work_dir=work_dir) for dataset in datasets
        ]
