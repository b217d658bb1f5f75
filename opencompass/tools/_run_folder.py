"""The folder of one run, for scripts that go through its models and data sets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from opencompass.utils import build_dataset_from_cfg, get_infer_output_path, get_logger, run_dirs
from opencompass.utils import config as configs
from opencompass.utils.predictions import parts


class Pair(NamedTuple):
    """A model and a data set of a run."""

    model_cfg: Any
    dataset_cfg: Any
    work_dir: str

    def shown(self, folder: str) -> str:
        """The pair's file in a folder of the run, beginning as the run's folder was given, './' and all."""
        return get_infer_output_path(self.model_cfg, self.dataset_cfg, f'{self.work_dir.rstrip("/")}/{folder}')

    def path(self, folder: str) -> Path:
        """The same as a path."""
        return Path(self.shown(folder))

    def predictions(self) -> list[Path]:
        """The whole predictions file or its parts. That there are none is printed."""
        found = list(parts(self.path('predictions')))
        if not found:
            print(f'{self.shown("predictions")} not found')
        return found

    def test_rows(self) -> Any:
        """The test items. `type` may also be a function that gives a Dataset, or a DatasetDict: of that
        `eval_cfg.ds_split`."""
        rows = build_dataset_from_cfg(self.dataset_cfg)
        if isinstance(rows, dict):
            return rows[self.eval_cfg.get('ds_split', 'test')]
        return getattr(rows, 'test', rows)

    @property
    def eval_cfg(self) -> Any:
        """How the predictions are scored."""
        return self.dataset_cfg.get('eval_cfg') or {}

    def mismatch(self, predictions: int, items: int) -> bool:
        """Whether there are more or fewer predictions than test items, which is printed."""
        if predictions == items:
            return False
        print('length mismatch')
        get_logger().warning(f'{self.shown("predictions")}: {predictions} predictions for {items} test items')
        return True


def add_work_dir(parser: argparse.ArgumentParser) -> None:
    """The flag that says which run."""
    parser.add_argument(
        '-w',
        '--work-dir',
        type=str,
        help='folder of one run, such as outputs/default/20240131_120000 (default: work_dir of the config, else '
        './outputs/default)',
    )


def pairs(args: argparse.Namespace) -> Iterator[Pair]:
    """Every model with every data set of the config."""
    cfg = configs.load(args.config)
    configs.models_and_datasets(cfg)
    work_dir = args.work_dir or cfg.get('work_dir') or './outputs/default'
    if not Path(work_dir, 'predictions').is_dir() and (newest := run_dirs.reused(work_dir, 'latest')):
        get_logger().warning(f'{work_dir} is not the folder of one run; its newest is {Path(work_dir, newest)}')
    return (Pair(model, dataset, work_dir) for model in cfg.models for dataset in cfg.datasets)
