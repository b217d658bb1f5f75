"""The process of a trainer: reads a job, trains as its driver does, and writes what that took. Needs transformers."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from measure import counting

#: Steps that warm up and are not timed.
WARM = 1
IGNORED = -100


class Job(NamedTuple):
    """An epoch over some examples, in batches of so many rows, each of which is `splits` batches for the model.

    `train` and `validation` are files of texts, `examples` is one of ids and labels of the same.
    """

    task: str
    model: str
    threads: int
    train: str
    validation: str
    examples: str
    is_packed: bool
    max_length: int
    batch: int
    splits: int
    strategy: str
    output: str

    @property
    def arguments(self) -> dict[str, Any]:
        """transformers' TrainingArguments of everybody: AdamW in single precision on the CPU."""
        return {
            'output_dir': self.output,
            'per_device_train_batch_size': self.batch // self.splits,
            'gradient_accumulation_steps': self.splits,
            'num_train_epochs': 1,
            'learning_rate': 1e-5,
            'lr_scheduler_type': 'constant',
            'seed': 0,
            'bf16': False,
            'gradient_checkpointing': False,
            'use_cpu': True,
            'logging_steps': 1,
            'save_strategy': 'no',
            'report_to': 'none',
            'disable_tqdm': True,
        }

    def rows(self) -> list[dict[str, list[int]]]:
        """Ids and labels."""
        return [json.loads(line) for line in Path(self.examples).read_text(encoding='utf-8').splitlines()]


class Stamp(NamedTuple):
    """The end of a step: by the clock, of the processor, and the calls of the model until then."""

    seconds: float
    cpu_seconds: float
    calls: int


class Trained(NamedTuple):
    """Loss and learned tokens of each step; of all steps but the first what they took, and what went through the model.

    `memory`: most bytes that the process held in all.
    """

    losses: list[float]
    learned: list[int]
    seconds: float
    cpu_seconds: float
    forwarded: int
    padding: int
    memory: int


class Watch:
    """What is measured of every trainer in the same way. `callback` is the one to give to it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stamps: list[Stamp] = []
        self.losses: list[float] = []
        self.learned: list[int] = []
        self.counts: dict[str, list[int]] = {}
        self.memory = 0

    @contextmanager
    def callback(self) -> Iterator[Any]:
        """A callback of transformers' trainers."""
        from transformers import TrainerCallback

        watch, hooks = self, ExitStack()

        class Watching(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
                watch.counts = hooks.enter_context(counting(given['model'].get_input_embeddings()))
                watch.count_learned(given['train_dataloader'].base_dataloader)

            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                watch.stamps.append(Stamp(time.perf_counter(), time.process_time(), len(watch.counts['all'])))
                watch.memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

            def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
                watch.losses += [logs['loss']] if 'loss' in logs else []

        with hooks:
            yield Watching()

    def count_learned(self, loader: Any) -> None:
        """Note how many tokens each batch of a loader asks for."""
        collate = loader.collate_fn

        def counted(features: list) -> Any:
            batch = collate(features)
            self.learned.append(int((batch['labels'][:, 1:] != IGNORED).sum()))
            return batch

        loader.collate_fn = counted

    def trained(self) -> Trained:
        first, last = self.stamps[WARM - 1], self.stamps[-1]
        splits = self.job.splits
        learned = [sum(self.learned[place : place + splits]) for place in range(0, len(self.learned), splits)]
        return Trained(
            self.losses,
            learned,
            last.seconds - first.seconds,
            last.cpu_seconds - first.cpu_seconds,
            sum(self.counts['all'][first.calls :]),
            sum(self.counts['padding'][first.calls :]),
            self.memory,
        )


def serve(package: str, train: Callable[[Job, Any], None]) -> None:
    """Command line `JOB RESULT`, two JSON files. `train` trains, and gives a callback to its trainer."""
    source, target = map(Path, sys.argv[1:])
    job = Job(**json.loads(source.read_text(encoding='utf-8')))
    import torch

    torch.set_num_threads(job.threads)
    watch = Watch(job)
    with watch.callback() as callback:
        train(job, callback)
    found = {**watch.trained()._asdict(), 'release': version(package)}
    target.write_text(json.dumps(found), encoding='utf-8')
