"""A training as its user starts it: in this process, or as a command."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from train.encode import ChatEncoder, TextEncoder
from train.flags import PretrainConfig, SFTConfig, parse
from train.run import train
from train.trainer import Trainer

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'base'


def write(path: Path, records: list[Any]) -> Path:
    """A file of JSON lines; a text stands as it is."""
    lines = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records)
    path.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
    return path


def sums(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Questions and answers of different lengths."""
    draw = random.Random(seed)
    terms = [[draw.randint(1, 9) for _ in range(draw.randint(2, 12))] for _ in range(count)]
    return [{'instruction': ' + '.join(map(str, one)), 'input': '', 'output': str(sum(one))} for one in terms]


def texts(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Documents of different lengths."""
    draw = random.Random(seed)
    return [{'content': ' '.join(str(draw.randint(1, 99)) for _ in range(draw.randint(3, 60)))} for _ in range(count)]


def flags(output: Path, data: Path, **more: Any) -> list[str]:
    """A command line: small batches, a loss a step, no TensorBoard."""
    given = {
        'model_name_or_path': NANO,
        'train_file_path': data,
        'validate_file_path': data,
        'output_dir': output,
        'max_length': 64,
        'per_device_train_batch_size': 4,
        'learning_rate': 1e-3,
        'logging_steps': 1,
        'save_strategy': 'no',
        'report_to': 'none',
        'disable_tqdm': True,
        'preprocess_num_workers': 1,
        **more,
    }
    return [word for name, value in given.items() if value is not None for word in (f'--{name}', str(value))]


def sft(output: Path | None = None, data: Path | None = None, words: list[str] | None = None, **more: Any) -> Trainer:
    """train_sft.py in this process."""
    asked, args = parse(SFTConfig, words or flags(output, data, **more))
    return train(asked, args, lambda tokenizer, flags: ChatEncoder(tokenizer, flags.prompt_format, flags.max_length))


def clm(output: Path | None = None, data: Path | None = None, words: list[str] | None = None, **more: Any) -> Trainer:
    """train_clm.py in this process."""
    asked, args = parse(PretrainConfig, words or flags(output, data, **more))
    return train(asked, args, lambda tokenizer, flags: TextEncoder(tokenizer, flags.text_key_name))


def losses(trainer: Trainer | Path) -> list[tuple[int, float]]:
    """The loss of each step, of a trainer or a folder that one saved."""
    if isinstance(trainer, Path):
        history = json.loads((trainer / 'trainer_state.json').read_text())['log_history']
    else:
        history = trainer.state.log_history
    return [(one['step'], one['loss']) for one in history if 'loss' in one]


class Command:
    """A script in a process of its own, whose output is read line by line."""

    def __init__(self, *words: str, cwd: Path = ROOT) -> None:
        env = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
        self.process = subprocess.Popen(
            [sys.executable, *words],
            cwd=cwd,
            env=env | {'OMP_NUM_THREADS': '1', 'HF_HUB_OFFLINE': '1', 'PYTHONUNBUFFERED': '1'},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding='utf-8',
            start_new_session=True,
        )
        self.output = ''

    def read_until(self, text: str) -> None:
        """Read on to the line that has a text."""
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return
        raise AssertionError(f'{text!r} did not come:\n{self.output}')

    def end(self, number: int | None = None) -> int:
        """Send a signal, if any, and wait; the exit code."""
        if number is not None:
            self.process.send_signal(number)
        try:
            self.output += self.process.communicate(timeout=120)[0]
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.returncode
