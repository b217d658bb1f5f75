"""Trains a job with this package: train_clm.py or train_sft.py on files of texts, flags as a user gives them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from training_peer import Job, serve  # noqa: E402


def train(job: Job, callback: Any) -> None:
    os.environ['HF_DATASETS_CACHE'] = job.output
    from train.encode import ChatEncoder, TextEncoder
    from train.flags import PretrainConfig, SFTConfig, parse
    from train.run import train

    flags = {
        'model_name_or_path': job.model,
        'train_file_path': job.train,
        'validate_file_path': job.validation,
        'max_length': job.max_length,
        'packing': job.is_packed,
    }
    words = [word for name, value in (flags | job.arguments).items() for word in (f'--{name}', str(value))]
    is_text = job.task == 'CLM'

    def encoder(tokenizer: Any, flags: Any) -> Any:
        return TextEncoder(tokenizer) if is_text else ChatEncoder(tokenizer, max_length=flags.max_length)

    train(*parse(PretrainConfig if is_text else SFTConfig, words), encoder, callbacks=[callback])


if __name__ == '__main__':
    serve('transformers', train)
