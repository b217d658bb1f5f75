"""The trainings of tigerbot-nano: three runs of the scripts in train/, each on the model that the one before left."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from nano_texts import text_file, write_texts

ROOT = Path(__file__).resolve().parent.parent
START = 'start'
#: What makes a checkpoint; a run leaves more in its folder.
FILES = (
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer.model',
    'tokenizer_config.json',
)
#: The first step of a run only warms up, at a learning rate of 0.
LEAST_STEPS = 2
SHARED = {
    'muon': True,
    'weight_decay': 0.05,
    'adam_beta2': 0.98,
    'bf16': True,
    'do_eval': True,
    'preprocess_num_workers': 2,
    'save_strategy': 'no',
    'logging_steps': 50,
    'report_to': 'none',
    'disable_tqdm': True,
}


class Stage(NamedTuple):
    """A run: its script, the stage it goes on from, its steps, about how many documents a step reads, its flags."""

    name: str
    script: str
    start: str
    steps: int
    documents: int
    flags: dict[str, object]

    @property
    def read(self) -> int:
        """Documents in the training file."""
        return self.steps * self.documents


def stages(total: int | None = None) -> tuple[Stage, ...]:
    """All runs: single questions, then few-shot lists, then chats; with `total` steps in all where it is given."""
    rows = {'max_length': 256, 'per_device_train_batch_size': 8, 'learning_rate': 4e-3}
    steady = {'lr_scheduler_type': 'constant_with_warmup', 'warmup_steps': 0.05}
    falling = {'lr_scheduler_type': 'linear', 'warmup_steps': 0.02, 'save_dtype': 'bfloat16'}
    chats = {'max_length': 256, 'per_device_train_batch_size': 24, 'learning_rate': 1.5e-3}
    full = (
        Stage('short', 'train_clm.py', START, 1500, 62, rows | steady),
        Stage('long', 'train_clm.py', 'short', 900, 19, rows | falling),
        Stage('chat', 'train_sft.py', 'long', 500, 24, chats | falling),
    )
    if total is None:
        return full
    every = sum(stage.steps for stage in full)
    return tuple(stage._replace(steps=max(LEAST_STEPS, stage.steps * total // every)) for stage in full)


def words(stage: Stage, work: Path, seed: int) -> list[str]:
    """The command of a run after the name of Python, with paths as seen from the root of the repository."""
    place = work.relative_to(ROOT) if work.is_relative_to(ROOT) else work
    paths = {
        'model_name_or_path': place / stage.start,
        'train_file_path': text_file(place / 'texts', stage.name, 'train'),
        'validate_file_path': text_file(place / 'texts', stage.name, 'valid'),
        'output_dir': place / stage.name,
    }
    flags = paths | {'max_steps': stage.steps, 'seed': seed} | stage.flags | SHARED
    return [f'train/{stage.script}', *(word for name, value in flags.items() for word in (f'--{name}', str(value)))]


def spelled(command: list[str], threads: int) -> str:
    """A command as one types it, a few flags to a line."""
    flags = [' '.join(map(shlex.quote, command[place : place + 2])) for place in range(1, len(command), 2)]
    lines = [f'OMP_NUM_THREADS={threads} python {command[0]}']
    for flag in flags:
        if len(lines[-1]) + len(flag) > 110:
            lines.append('   ')
        lines[-1] += f' {flag}'
    return ' \\\n'.join(lines)


def train(every: tuple[Stage, ...], work: Path, seed: int, threads: int) -> None:
    """Write the texts and run the scripts one after the other; each command is printed before it runs."""
    cache = {'HF_DATASETS_CACHE': str(work / 'cache'), 'OMP_NUM_THREADS': str(threads)}
    for stage in every:
        write_texts(work / 'texts', stage.name, seed, stage.read)
        command = words(stage, work, seed)
        print(spelled(command, threads), flush=True)
        ended = subprocess.run([sys.executable, *command], cwd=ROOT, env=os.environ | cache).returncode
        if ended:
            raise SystemExit(f'{command[0]} ended with code {ended}; its message stands above')


def copy_checkpoint(source: Path, target: Path) -> None:
    """The files of a checkpoint, without what else a run left beside them."""
    target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(source / name, target / name)
    check_plain(target)


def check_plain(folder: Path) -> None:
    """ValueError unless the weights are in bfloat16, as committed."""
    dtype = json.loads((folder / 'config.json').read_text(encoding='utf-8'))['dtype']
    if dtype != 'bfloat16':
        raise ValueError(f'{folder}: weights in {dtype}; expected bfloat16 (see --save_dtype)')
