"""Trains a job with trl's SFTTrainer, on ids and labels: it would spell conversations in another way."""

from __future__ import annotations

from typing import Any

from training_peer import Job, serve


def train(job: Job, callback: Any) -> None:
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    settings = SFTConfig(
        **job.arguments, max_length=job.max_length, packing=job.is_packed, packing_strategy=job.strategy
    )
    SFTTrainer(
        model=job.model,
        args=settings,
        train_dataset=Dataset.from_list(job.rows()),
        processing_class=AutoTokenizer.from_pretrained(job.model),
        callbacks=[callback],
    ).train()


if __name__ == '__main__':
    serve('trl', train)
