"""How the two stages of a run are divided and run: as the config's sections say, or else the flags."""

from __future__ import annotations

import argparse
from typing import Any

from mmengine.config import Config

from .flags import aliyun_file
from .registry import RUNNERS
from .utils.logging import get_logger

#: Stage -> (where its outputs go, what runs it).
STAGES = {'infer': ('predictions', 'OpenICLInferTask'), 'eval': ('results', 'OpenICLEvalTask')}


def section(stage: str, cfg: Config, args: argparse.Namespace) -> dict[str, Any]:
    """`partitioner` and `runner` of a stage."""
    found = _section(stage, cfg, args)
    return {**found, 'runner': _kept_alive(found['runner'], args)}


def _section(stage: str, cfg: Config, args: argparse.Namespace) -> dict[str, Any]:
    given = cfg.get(stage)
    if given and not (args.slurm or args.dlc):
        return {**given, 'runner': _with_flags(stage, dict(given['runner']), args)}
    if given:
        flag = '--slurm' if args.slurm else '--dlc'
        get_logger().warning(f'{flag} overrides the `{stage}` section of the config, partitioner and all')
    return {'partitioner': _partitioner(stage, args), 'runner': _runner(STAGES[stage][1], args)}


def _with_flags(stage: str, runner: dict[str, Any], args: argparse.Namespace) -> dict[str, Any]:
    """A section's runner with -p and -q where it is one for Slurm; a warning for flags that do nothing."""
    from .runners import SlurmRunner  # not for --help: runners import tasks, and tasks everything else

    asked = {name: getattr(args, name) for name in ('partition', 'quotatype') if getattr(args, name) is not None}
    if asked and _is_a(SlurmRunner, runner):
        return {**runner, **asked}
    if asked:
        get_logger().warning(
            f'-p and -q are ignored: the `{stage}` section of the config runs tasks with {runner["type"]}. '
            'Use --slurm, or a SlurmRunner there'
        )
    elif stage == 'infer':
        get_logger().warning(
            'inference is divided and run as the `infer` section of the config says: --max-partition-size, '
            '--gen-task-coef, --max-num-workers and --retry would change nothing'
        )
    return runner


def _kept_alive(runner: dict[str, Any], args: argparse.Namespace) -> dict[str, Any]:
    """A runner as --keep-alive or --no-keep-alive says, where it is one for this machine; others know nothing of it."""
    from .runners import LocalRunner

    if args.keep_alive is None or not _is_a(LocalRunner, runner):
        return runner
    return {**runner, 'keep_alive': args.keep_alive}


def _is_a(kind: type, runner: dict[str, Any]) -> bool:
    """Whether a runner's config names this class, or one made from it."""
    found = RUNNERS.get(runner['type']) if isinstance(runner['type'], str) else runner['type']
    return isinstance(found, type) and issubclass(found, kind)


def _partitioner(stage: str, args: argparse.Namespace) -> dict[str, Any]:
    if stage == 'eval':
        return {'type': 'NaivePartitioner'}
    return {
        'type': 'SizePartitioner',
        'max_task_size': args.max_partition_size,
        'gen_task_coef': args.gen_task_coef,
    }


def _runner(task: str, args: argparse.Namespace) -> dict[str, Any]:
    usual = {'task': {'type': task}, 'max_num_workers': args.max_num_workers}
    if args.slurm:
        place = {'partition': args.partition, 'quotatype': args.quotatype}
        return {'type': 'SlurmRunner', **usual, 'retry': args.retry, **place}
    if args.dlc:
        settings = Config.fromstring(
            aliyun_file(args).read_text(encoding='utf-8'), '.py'
        ).to_dict()  # it may end in .cfg
        return {'type': 'DLCRunner', **usual, 'retry': args.retry, 'aliyun_cfg': settings}
    return {'type': 'LocalRunner', **usual}
