"""Trainings that are stopped, killed, or out of room: what was learned is not lost."""

from __future__ import annotations

import json
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import training
from training import Command, flags, losses, sft, sums, write
from transformers import TrainerCallback

from train.checkpoints import checkpoints, fault_of, newest
from train.stopping import STOPPED

SCRIPT = 'train/train_sft.py'


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path / 'sft.jsonl', sums(40))


@pytest.mark.slow
def test_a_signal_ends_with_a_checkpoint_that_goes_on_as_if_nothing_had_been(tmp_path: Path, questions: Path) -> None:
    more: dict[str, Any] = {'max_steps': 30}
    running = Command(SCRIPT, *flags(tmp_path / 'out', questions, **more))
    running.read_until("'loss'")
    running.process.send_signal(signal.SIGTERM)
    assert running.end(signal.SIGINT) == STOPPED  # as a launcher does at Ctrl-C
    [folder] = checkpoints(tmp_path / 'out')
    step = int(folder.name.split('-')[1])
    assert 1 <= step < 30 and fault_of(folder) == ''
    assert running.output.count(': what was learned is saved after this step; once more ends at once\n') == 1
    assert running.output.endswith(
        f'stopped by a signal after step {step}; checkpoint {folder} is complete. '
        'Go on with --resume_from_checkpoint auto\n'
    )
    resumed = sft(tmp_path / 'out', questions, **more, resume_from_checkpoint='auto')
    assert losses(resumed) == losses(sft(tmp_path / 'whole', questions, **more))


@pytest.mark.slow
def test_a_signal_breaks_off_an_evaluation(tmp_path: Path, questions: Path) -> None:
    many = write(tmp_path / 'many.jsonl', sums(4000))
    more = {'validate_file_path': many, 'eval_strategy': 'steps', 'eval_steps': 2, 'per_device_eval_batch_size': 1}
    running = Command(SCRIPT, *flags(tmp_path / 'out', questions, **more, max_steps=9))
    running.read_until("'epoch': '0.2'}")  # the loss of step 2
    start = time.monotonic()
    time.sleep(0.2)
    assert running.end(signal.SIGINT) == STOPPED
    assert time.monotonic() - start < 20  # the whole evaluation takes 30 s and more
    assert 'eval_loss' not in running.output
    assert newest(tmp_path / 'out') == tmp_path / 'out' / 'checkpoint-2'


@pytest.mark.slow
def test_a_checkpoint_half_written_is_passed_over(tmp_path: Path, questions: Path) -> None:
    """A kill that cannot be caught, between the files of a checkpoint."""
    more = {'max_steps': 1000, 'save_strategy': 'steps', 'save_steps': 1, 'save_total_limit': 2}
    running = Command(SCRIPT, *flags(tmp_path / 'out', questions, **more))
    running.read_until("'loss'")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = checkpoints(tmp_path / 'out')
        if len(found) > 1 and (found[0] / 'config.json').exists() and not (found[0] / 'complete.json').exists():
            break
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    good = newest(tmp_path / 'out')
    assert good is not None and good != checkpoints(tmp_path / 'out')[0]
    step = int(good.name.split('-')[1])
    more |= {'max_steps': step + 1}
    resumed = sft(tmp_path / 'out', questions, **more, resume_from_checkpoint='auto')
    assert [one for one, _ in losses(resumed)] == list(range(1, step + 2))
    assert fault_of(tmp_path / 'out' / f'checkpoint-{step + 1}') == ''


class FullDisk(TrainerCallback):
    """Lets the system refuse files of more than 10 MB after the first checkpoint; the optimizer's has 15 MB."""

    def on_save(self, *_: Any, **__: Any) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def test_a_full_disk_ends_the_training_and_leaves_the_last_checkpoint(
    tmp_path: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(training, 'train', lambda *given: original(*given, callbacks=[FullDisk()]))
    more = {'max_steps': 5, 'save_strategy': 'steps', 'save_steps': 1, 'save_total_limit': 1}
    try:
        with pytest.raises(SystemExit) as ended:
            sft(tmp_path / 'out', questions, **more)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    out = tmp_path / 'out'
    assert str(ended.value).startswith(f'error: checkpoint-2 could not be written in {out}: ')
    assert f'(last good checkpoint: {out}/checkpoint-1)' in str(ended.value)
    assert [(one.name, fault_of(one)) for one in checkpoints(out)] == [('checkpoint-1', '')]


original = training.train


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one_and_stop_together(tmp_path: Path, questions: Path) -> None:
    launch = ('-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', '2', SCRIPT)
    more: dict[str, Any] = {'lr_scheduler_type': 'constant', 'eval_strategy': 'steps', 'eval_steps': 3, 'use_cpu': True}
    words = flags(tmp_path / 'two', questions, **more, max_steps=400, per_device_train_batch_size=2)
    running = Command(*launch, *words)
    running.read_until("'eval_loss'")
    assert running.end(signal.SIGTERM) != 0
    [folder] = checkpoints(tmp_path / 'two')
    assert fault_of(folder) == '' and {'rng_state_0.pth', 'rng_state_1.pth'} <= {one.name for one in folder.iterdir()}
    assert running.output.count('stopped by a signal after step') == 1
    one = sft(tmp_path / 'one', questions, **more, max_steps=3, per_device_train_batch_size=4)
    found = [loss for _, loss in losses(folder)[:3]]
    assert found == pytest.approx([loss for _, loss in losses(one)], rel=1e-4)
    evaluated = [json.loads((folder / 'trainer_state.json').read_text())['log_history'], one.state.log_history]
    both = [next(entry['eval_loss'] for entry in history if 'eval_loss' in entry) for history in evaluated]
    assert both[0] == pytest.approx(both[1], rel=1e-3)
