"""The flags of run.py."""

from __future__ import annotations

import argparse
from pathlib import Path


class FlagError(AssertionError, ValueError):
    """A flag that lacks another one, or its file. OpenCompass 0.1 raises an AssertionError."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """The flags of OpenCompass 0.1, and those that this package adds: a parser of their own keeps the two apart."""
    parser, more = _recorded(), argparse.ArgumentParser(add_help=False, usage=argparse.SUPPRESS)
    added = more.add_argument_group('additions to the flags of OpenCompass 0.1')
    added.add_argument('--stderr', action='store_true', help='show the standard error beside each score')
    added.add_argument(
        '--keep-alive',
        action=argparse.BooleanOptionalAction,
        help='on this machine, let a process do one task after the other, so that tasks of a model load it once; on '
        'unless the config says keep_alive=False',
    )
    added.add_argument(
        '-a',
        '--accelerator',
        choices=['vllm', 'hf'],
        default='hf',
        help='what runs the models that transformers would: vllm, or transformers itself (hf, the default)',
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = more.format_help()
    args, rest = parser.parse_known_args(argv)
    extra, unknown = more.parse_known_args(rest)
    if unknown:
        parser.error(f'unrecognized arguments: {" ".join(unknown)}')
    _check(args)
    return argparse.Namespace(**vars(args), **vars(extra))


def _recorded() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description='Run an evaluation: predictions, scores, and a table of them.')
    parser.add_argument('config', help='config file with `models` and `datasets`')
    _add_places(parser)
    _add_work(parser)
    _add_sizes(parser)
    slurm, dlc = parser.add_argument_group('slurm_args'), parser.add_argument_group('dlc_args')
    slurm.add_argument('-p', '--partition', type=str, help='Slurm partition of --slurm, or of a SlurmRunner section')
    slurm.add_argument('-q', '--quotatype', type=str, help='Slurm quota type, likewise')
    dlc.add_argument(
        '--aliyun-cfg', type=str, default='~/.aliyun.cfg', help='config file of --dlc (default: %(default)s)'
    )
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    launcher = parser.add_mutually_exclusive_group()
    launcher.add_argument(
        '--slurm', action='store_true', help='start every task through srun; needs -p, and overrides the config'
    )
    launcher.add_argument(
        '--dlc', action='store_true', help='start every task as an Aliyun DLC job; overrides the config'
    )


def _add_work(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--debug', action='store_true', help='run tasks one after the other, with output and tracebacks')
    add('--dry-run', action='store_true', help='show the tasks and stop')
    add(
        '-m',
        '--mode',
        type=str,
        default='all',
        choices=['all', 'infer', 'eval', 'viz'],
        help='what to do: all; only predictions (infer); scores and table (eval); only the table (viz)',
    )
    add(
        '-r',
        '--reuse',
        type=str,
        nargs='?',
        const='latest',
        help='go on with an earlier run: the newest in the work directory, or the one of this time stamp',
    )
    add('-w', '--work-dir', type=str, help='where runs go; default: work_dir of the config, else ./outputs/default/')
    add('-l', '--lark', action='store_true', help='send status messages to lark_bot_url of the config')


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    for name, default, meaning in (
        ('--max-partition-size', 2000, 'largest size of one inference task'),
        ('--gen-task-coef', 20, 'size of a sample that is generated'),
        ('--max-num-workers', 32, 'tasks that run at the same time'),
        ('--retry', 2, 'how often a failed task is started again by --slurm and --dlc'),
    ):
        parser.add_argument(name, type=int, default=default, help=f'{meaning} (default: %(default)s)')


def _check(args: argparse.Namespace) -> None:
    """What argparse cannot tell."""
    if args.slurm and args.partition is None:
        raise FlagError('--slurm needs the partition to run on: add -p PARTITION (sinfo lists them)')
    if args.dlc and not aliyun_file(args).is_file():
        raise FlagError(
            f'--dlc needs a config file with the settings of DLC, and {aliyun_file(args)} does not exist: '
            'name it with --aliyun-cfg'
        )


def aliyun_file(args: argparse.Namespace) -> Path:
    """The file with the settings of DLC, `~` expanded."""
    return Path(args.aliyun_cfg).expanduser()
