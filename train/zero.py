"""DeepSpeed: processes and settings on machines without a GPU, and checkpoints that only some runs can go on from."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import TrainingArguments

from train.checkpoints import MARK


def start_processes(args: TrainingArguments) -> None:
    """Let the processes of a DeepSpeed training on CPUs find each other. On GPUs the libraries do that.

    The settings of `--deepspeed` are taken for a CPU: torch's AdamW, and nothing moved from main memory to itself.
    """
    if not args.deepspeed or not args.use_cpu:
        return
    import deepspeed

    # It would be compiled for more than a minute, to save milliseconds. So would DeepSpeed's AdamW.
    deepspeed.ops.__compatible_ops__['deepspeed_shm_comm'] = False
    settings = args.hf_deepspeed_config.config
    for name in ('offload_optimizer', 'offload_param'):
        settings['zero_optimization'].pop(name, None)
    if 'optimizer' in settings:
        settings['optimizer'].setdefault('params', {})['torch_adam'] = True
    deepspeed.init_distributed(dist_backend='gloo', auto_mpi_discovery=False)


def check_resumable(folder: str | None, args: TrainingArguments) -> None:
    """ValueError where a run cannot go on from a checkpoint because of how DeepSpeed splits it over processes."""
    if folder is None:
        return
    is_split = (Path(folder) / 'latest').is_file()
    if is_split != bool(args.deepspeed):
        raise ValueError(
            f'{folder} was written {"with" if is_split else "without"} DeepSpeed, and this run is '
            f'{"with" if args.deepspeed else "without"} it; start it as before, or begin anew from the weights by '
            f'--model_name_or_path {folder}'
        )
    mark = Path(folder) / MARK
    written = json.loads(mark.read_text(encoding='utf-8')).get('processes') if mark.is_file() else None
    if is_split and written not in (None, args.world_size):
        raise ValueError(
            f'{folder} was written by {written} processes, each of which holds a share of the optimizer, and this run '
            f'has {args.world_size}; start as many, or begin anew from the weights by --model_name_or_path {folder}'
        )
