"""Trains a job as TigerBot's scripts did: each batch padded to its longest, logits of all positions."""

from __future__ import annotations

from typing import Any

from training_peer import Job, serve


def train(job: Job, callback: Any) -> None:
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        DataCollatorForTokenClassification,
        Trainer,
        TrainingArguments,
    )

    Trainer(
        model=AutoModelForCausalLM.from_pretrained(job.model, dtype='float32'),
        args=TrainingArguments(**job.arguments),
        train_dataset=[{**row, 'attention_mask': [1] * len(row['input_ids'])} for row in job.rows()],
        data_collator=DataCollatorForTokenClassification(AutoTokenizer.from_pretrained(job.model)),
        callbacks=[callback],
    ).train()


if __name__ == '__main__':
    serve('transformers', train)
