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
from .registry import PARTITIONERS, RUNNERS
from .utils import config as configs
from .utils import failures, run_dirs
from .utils.abbr import dataset_abbr_from_cfg, task_abbr_from_cfg
from .utils.lark import LarkReporter
from .utils.logging import get_logger
from .utils.summarizer import Summarizer

#: Stage -> (where its outputs go, what runs it).
STAGES = {'infer': ('predictions', 'OpenICLInferTask'), 'eval': ('results', 'OpenICLEvalTask')}
INTERRUPTED = 130


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """The flags of run.py."""
    parser = argparse.ArgumentParser(description='Run an evaluation: predictions, scores, and a table of them.')
    add = parser.add_argument
    add('config', help='config file with `models` and `datasets`')
    add(
        '--debug', action='store_true', help='run tasks one after the other in this process, with output and tracebacks'
    )
    add('--dry-run', action='store_true', help='show the tasks and stop')
    add(
        '-m',
        '--mode',
        default='all',
        choices=['all', 'infer', 'eval', 'viz'],
        help='what to do: all; only predictions (infer); scores and table (eval); only the table (viz)',
    )
    add(
        '-r',
        '--reuse',
        nargs='?',
        const='latest',
        help='go on with an earlier run: the newest in the work directory, or the one of this time stamp',
    )
    add('-w', '--work-dir', help='where runs go; default: work_dir of the config, else ./outputs/default/')
    add('-l', '--lark', action='store_true', help='send status messages to lark_bot_url of the config')
    add(
        '--max-partition-size', type=int, default=2000, help='largest size of one inference task (default: %(default)s)'
    )
    add('--gen-task-coef', type=int, default=20, help='size of a sample that is generated (default: %(default)s)')
    add('--max-num-workers', type=int, default=32, help='tasks that run at the same time (default: %(default)s)')
    return _with_additions(parser, argv)


def _with_additions(parser: argparse.ArgumentParser, argv: list[str] | None) -> argparse.Namespace:
    """The flags of OpenCompass 0.1, and those that this package adds: a parser of their own keeps the two apart."""
    more = argparse.ArgumentParser(add_help=False, usage=argparse.SUPPRESS)
    added = more.add_argument_group('additions to the flags of OpenCompass 0.1')
    added.add_argument('--stderr', action='store_true', help='show the standard error beside each score')
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = more.format_help()
    args, rest = parser.parse_known_args(argv)
    extra, unknown = more.parse_known_args(rest)
    if unknown:
        parser.error(f'unrecognized arguments: {" ".join(unknown)}')
    return argparse.Namespace(**vars(args), **vars(extra))


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
    args = parse_args(argv)
    if not args.debug:
        sys.excepthook = failures.show
    signal.signal(signal.SIGTERM, _interrupt)
    cfg, stamp = prepare(args)
    get_logger().info(f'Current exp folder: {cfg.work_dir}')
    if args.lark and cfg.get('lark_bot_url'):
        LarkReporter(cfg['lark_bot_url']).post(f"{getpass.getuser()}'s task has been launched!")
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
    if not args.lark:
        cfg.lark_bot_url = None
    return configs.normalised(cfg, Path(cfg.work_dir, 'configs', f'{stamp}.py')), stamp


def run_stage(stage: str, cfg: Config, args: argparse.Namespace) -> list[failures.Failure]:
    """Partition and run all tasks of a stage; what failed."""
    output, task = STAGES[stage]
    section = cfg.get(stage) or default_section(stage, task, args)
    out_dir = f'{cfg.work_dir.rstrip("/")}/{output}/'
    tasks = PARTITIONERS.build(ConfigDict({**section['partitioner'], 'out_dir': out_dir}))(cfg)
    if args.dry_run:
        _show_tasks(tasks)
        return []
    settings = {'debug': args.debug, 'lark_bot_url': cfg.get('lark_bot_url')}
    runner = RUNNERS.build(ConfigDict({**section['runner'], **settings}))
    runner(tasks)
    return runner.failures


def default_section(stage: str, task: str, args: argparse.Namespace) -> dict:
    """How a stage is run where the config does not say."""
    partitioner: dict[str, Any] = {'type': 'NaivePartitioner'}
    if stage == 'infer':
        partitioner = {
            'type': 'SizePartitioner',
            'max_task_size': args.max_partition_size,
            'gen_task_coef': args.gen_task_coef,
        }
    return {
        'partitioner': partitioner,
        'runner': {'type': 'LocalRunner', 'max_num_workers': args.max_num_workers, 'task': {'type': task}},
    }


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
