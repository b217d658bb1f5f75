"""The command line: `run.py CONFIG`, or `opencompass run CONFIG` where the package is installed."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from mmengine.config import Config, ConfigDict

from . import compare
from .flags import parse_args
from .registry import PARTITIONERS, RUNNERS
from .stages import STAGES, section
from .utils import config as configs
from .utils import failures, run_dirs
from .utils.abbr import dataset_abbr_from_cfg, task_abbr_from_cfg
from .utils.accelerator import by_vllm
from .utils.lark import tell
from .utils.logging import get_logger
from .utils.summarizer import Summarizer

INTERRUPTED = 130


def main() -> None:
    """The `opencompass` command."""
    commands = {'compare': compare.main, 'run': run}
    name = sys.argv[1] if len(sys.argv) > 1 else ''
    if name not in commands:
        sys.exit(f'usage: opencompass {{{",".join(commands)}}} ...   (opencompass run --help shows the flags)')
    sys.excepthook = failures.show
    sys.exit(commands[name](sys.argv[2:]))


def run(argv: list[str] | None = None) -> int:
    """Do what the flags say; 0 if nothing failed. What is wrong with the input is raised, and shown without its
    traceback."""
    sys.excepthook = failures.show
    args = parse_args(argv)
    if args.debug:
        sys.excepthook = sys.__excepthook__
    signal.signal(signal.SIGTERM, _interrupt)
    cfg, stamp = prepare(args)
    get_logger().info(f'Current exp folder: {cfg.work_dir}')
    if cfg.get('lark_bot_url'):
        tell(cfg['lark_bot_url'], f"{getpass.getuser()}'s task has been launched!")
    elif args.lark and args.mode != 'viz':
        get_logger().warning('-l: the config has no `lark_bot_url`, so that no messages are sent')
    failed: list[failures.Failure] = []
    try:
        for stage in STAGES:
            if args.mode in ('all', stage):
                failed += run_stage(stage, cfg, args)
                if args.dry_run:
                    return 0
    except KeyboardInterrupt:
        print(f'\ninterrupted; what is finished is kept. Go on with: -r {Path(cfg.work_dir).name}', file=sys.stderr)
        return INTERRUPTED
    if args.dry_run:
        print('no table was written (--dry-run)')
        return 0
    failed = failures.first_causes(failures.recorded(cfg.work_dir) if args.mode == 'viz' else failed)
    if args.mode != 'infer':
        Summarizer(cfg, reasons=reasons(cfg, failed), stderr=args.stderr).summarize(time_str=stamp, markdown=True)
    if failed:
        print(failures.digest(failed), file=sys.stderr)
    return 1 if failed else 0


def prepare(args: argparse.Namespace) -> tuple[Config, str]:
    """The config as plain data with the run's folder as `work_dir`, written down there; and this start's time stamp."""
    cfg = configs.load(args.config)
    configs.models_and_datasets(cfg)
    if args.accelerator == 'vllm':
        cfg.models = by_vllm(cfg.models)
    root = args.work_dir or cfg.get('work_dir') or './outputs/default/'
    stamp = folder = run_dirs.new_stamp()
    if args.reuse:
        found = run_dirs.reused(root, args.reuse)
        if found is None:
            if args.mode in ('eval', 'viz'):
                raise FileNotFoundError(f'--reuse: there is no run in {root} yet; start one with -m all')
            get_logger().warning(f'no run in {root} to go on with; a new one is started')
        folder = found or stamp
    elif args.mode in ('eval', 'viz'):
        raise ValueError(
            f'-m {args.mode} works on a run that exists: add -r for the newest in {root}, or -r TIME_STAMP'
        )
    cfg.work_dir = os.path.join(root, folder)  # noqa: PTH118 - what the user wrote stays, './' and all
    run_dirs.check_writable(cfg.work_dir)
    if not args.lark and 'lark_bot_url' in cfg:
        cfg.lark_bot_url = None
    return configs.normalised(cfg, Path(cfg.work_dir, 'configs', f'{stamp}.py')), stamp


def run_stage(stage: str, cfg: Config, args: argparse.Namespace) -> list[failures.Failure]:
    """Partition and run all tasks of a stage; what failed."""
    how = section(stage, cfg, args)
    out_dir = f'{cfg.work_dir.rstrip("/")}/{STAGES[stage][0]}/'
    tasks = PARTITIONERS.build(ConfigDict({**how['partitioner'], 'out_dir': out_dir}))(cfg)
    if args.dry_run:
        _show_tasks(tasks)
        return []
    asked = {'debug': args.debug, 'lark_bot_url': cfg.get('lark_bot_url')}
    runner = RUNNERS.build(ConfigDict({**how['runner'], **{name: value for name, value in asked.items() if value}}))
    runner(tasks)
    return runner.failures


def reasons(cfg: Config, failed: list[failures.Failure]) -> dict[tuple[str, str], str]:
    """(model, data set) -> why it has no score. A part of a data set, `NAME_3`, stands for the whole."""
    found: dict[tuple[str, str], str] = {}
    for name in map(dataset_abbr_from_cfg, cfg.datasets):
        for one in failed:
            if one.dataset == name or re.fullmatch(rf'{re.escape(name)}_\d+', one.dataset):
                found.setdefault((one.model, name), one.kind)
    return found


def _show_tasks(tasks: list[Any]) -> None:
    for number, task in enumerate(tasks):
        print(f'task {number}: {task_abbr_from_cfg(task)}')
    print(f'{len(tasks)} tasks; nothing was run (--dry-run)')


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
