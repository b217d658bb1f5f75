"""A signal that ends a training: the step is finished, a checkpoint is written, and the program says so."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import Any

import torch
import torch.distributed as dist
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

#: Exit code of a training that was stopped and can go on: EX_TEMPFAIL of sysexits.h.
STOPPED = 75
#: Signals within so many seconds are one: at Ctrl-C the launchers send a second one to each process.
AT_ONCE = 3.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interrupted(Exception):
    """An evaluation that a signal broke off."""


class StopOnSignal(TrainerCallback):
    """Ends a training at the next step after SIGTERM or SIGINT, with a checkpoint; a later one ends it at once."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._since = 0.0
        #: Whether the training ended for a signal, at this process or another.
        self.is_stopped = False
        self._before: dict[int, Any] = {}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Listen from here on: there was nothing to lose before."""
        self._before = {number: signal.signal(number, self._noted) for number in SIGNALS}

    def restore(self) -> None:
        """Listen no more: the trained model is saved."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """All processes stop at the same step, though the signal reaches them at different times."""
        if self.is_wanted(args):
            self.is_stopped = True
            control.should_log = control.should_save = control.should_training_stop = True
            control.should_evaluate = False

    def on_prediction_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """An evaluation in the course of training is broken off: it may take longer than is left."""
        if self._before and self.is_wanted(args):
            self.is_stopped = True
            raise Interrupted

    def is_wanted(self, args: TrainingArguments) -> bool:
        """Whether any process received a signal."""
        wanted = self.received is not None
        if dist.is_initialized() and dist.get_world_size() > 1:
            flag = torch.tensor(float(wanted), device=args.device)
            dist.all_reduce(flag, dist.ReduceOp.MAX)
            wanted = bool(flag.item())
        return wanted

    def _noted(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            if time.monotonic() - self._since > AT_ONCE:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            return
        self.received, self._since = number, time.monotonic()
        name = signal.Signals(number).name
        print(
            f'\n{name}: what was learned is saved after this step; once more ends at once', file=sys.stderr, flush=True
        )
