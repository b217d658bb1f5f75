"""One task for each model and data set."""

from __future__ import annotations

from mmengine.config import ConfigDict

from opencompass.registry import PARTITIONERS

from .base import BasePartitioner, is_done, one_task


@PARTITIONERS.register_module()
class NaivePartitioner(BasePartitioner):
    """Each pair of model and data set that has no output becomes a task."""

    def partition(
        self, models: list[ConfigDict], datasets: list[ConfigDict], work_dir: str, out_dir: str
    ) -> list[ConfigDict]:
        return [
            one_task(model, [dataset], work_dir)
            for model in models
            for dataset in datasets
            if not is_done(model, dataset, out_dir)
        ]
