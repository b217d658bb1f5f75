"""Several processes under the real DeepSpeed launcher train what one process trains, go on, and save whole weights."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from train.checkpoints import newest
from train.zero import check_resumable
from utils.modeling_hack import get_model

ROOT = Path(__file__).resolve().parent.parent
TRAIN = ROOT / 'train'
BASE = ROOT / 'assets' / 'tigerbot-nano' / 'base'
#: Seconds for a run of a few steps, most of them for imports.
LIMIT = 180
SUMS = [{'instruction': f'What is {a} plus {b}?', 'output': f'{a + b}'} for a in range(8) for b in range(8)]
TEXTS = [{'content': f'{a} plus {b} is {a + b}. ' * 8} for a in range(8) for b in range(8)]


class Failed(Exception):
    """What a run that ended with an error said."""


@pytest.fixture(scope='module')
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with records of both kinds."""
    folder = tmp_path_factory.mktemp('deepspeed')
    for name, records in (('sums', SUMS), ('texts', TEXTS)):
        (folder / f'{name}.jsonl').write_text(''.join(json.dumps(one) + '\n' for one in records), encoding='utf-8')
    return folder


def free_port() -> int:
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def train(
    place: Path, script: str, out: str, processes: int = 0, zero: str = '', after: str = '', **flags: Any
) -> Path:
    """Run a script inside train/, by DeepSpeed's launcher where there are processes; gives its output folder."""
    usual = {
        'model_name_or_path': BASE,
        'train_file_path': place / ('texts.jsonl' if 'clm' in script else 'sums.jsonl'),
        'output_dir': place / out,
        'learning_rate': 1e-3,
        'logging_steps': 1,
        'report_to': 'none',
    }
    words = [word for name, value in (usual | flags).items() for word in (f'--{name}', str(value))]
    if processes:
        # --include localhost:0,1 counts GPUs.
        launcher = [str(Path(sys.executable).parent / 'deepspeed'), '--num_gpus', str(processes)]
        meeting = ['--master_addr=127.0.0.1', f'--master_port={free_port()}']
        start = [*launcher, *meeting, f'./{script}', '--deepspeed', f'./ds_config/{zero}.json']
    else:
        start = [sys.executable, script]
    run([*start, '--do_train', *words], place, after)
    return place / out


def run(command: list[str], place: Path, after: str = '') -> None:
    """Run in a session of its own, of which no process is left over; Failed with its last words after an error.

    Ctrl-C, which reaches all processes, follows the text `after` in what is said.
    """
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])
    env = os.environ | {
        'PATH': paths,
        'OMP_NUM_THREADS': '1',
        'HF_DATASETS_CACHE': str(place / 'cache'),
        'TORCH_EXTENSIONS_DIR': str(place / 'built'),
    }
    with (place / 'said').open('w') as said:
        one = subprocess.Popen(command, cwd=TRAIN, env=env, stdout=said, stderr=said, start_new_session=True)
        try:
            if after:
                wait_for(after, place / 'said')
                os.killpg(one.pid, signal.SIGINT)
                wait_for('exiting', place / 'said')
            code = one.wait(LIMIT)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
    if code:
        raise Failed((place / 'said').read_text('utf-8')[-6000:])
    assert not (place / 'built').exists(), 'DeepSpeed compiled something'


def wait_for(text: str, file: Path) -> None:
    """Wait until a text stands in a file."""
    end = time.monotonic() + LIMIT
    while text not in file.read_text('utf-8'):
        assert time.monotonic() < end, file.read_text('utf-8')[-2000:]
        time.sleep(0.1)


def losses(folder: Path) -> list[float]:
    history = json.loads((folder / 'trainer_state.json').read_text())['log_history']
    return [one['loss'] for one in history if 'loss' in one]


def apart(one: Path, two: Path) -> float:
    """The largest difference of two files of weights with the same names."""
    first, second = load_file(one), load_file(two)
    assert first.keys() == second.keys()
    return max((first[name].float() - second[name].float()).abs().max().item() for name in first)


@pytest.fixture(scope='module')
def split(place: Path) -> Path:
    """A run of two processes with a checkpoint on the way."""
    zero = 'ds_config_zero3_no_offload'
    return train(place, 'train_sft.py', 'split', 2, zero, max_steps=6, save_steps=3, per_device_train_batch_size=4)


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(place: Path, split: Path) -> None:
    alone = train(place, 'train_sft.py', 'alone', max_steps=6, per_device_train_batch_size=8)
    assert losses(split) == pytest.approx(losses(alone), abs=1e-4)
    assert len(losses(alone)) == 6
    assert losses(alone)[-1] < losses(alone)[0] - 1
    assert apart(split / 'model.safetensors', alone / 'model.safetensors') < 1e-3


@pytest.mark.slow
def test_run_of_two_that_goes_on_ends_as_one_that_was_not_stopped(place: Path, split: Path) -> None:
    shutil.copytree(split / 'checkpoint-3', place / 'again' / 'checkpoint-3')
    zero = 'ds_config_zero3_no_offload'
    flags = {'max_steps': 6, 'save_steps': 3, 'per_device_train_batch_size': 4, 'resume_from_checkpoint': 'auto'}
    again = train(place, 'train_sft.py', 'again', 2, zero, **flags)
    assert losses(again) == pytest.approx(losses(split), abs=1e-6)
    assert apart(again / 'model.safetensors', split / 'model.safetensors') < 1e-6


@pytest.mark.slow
def test_ctrl_c_which_the_launcher_doubles_loses_nothing(place: Path) -> None:
    zero, flags = 'ds_config_zero3_no_offload', {'max_steps': 10000, 'save_strategy': 'no'}
    with pytest.raises(Failed, match=r'stopped by a signal after step \d+; checkpoint .* is complete'):
        train(place, 'train_sft.py', 'stopped', 2, zero, after="'loss'", **flags)
    found = newest(place / 'stopped')
    assert found is not None
    assert json.loads((found / 'complete.json').read_text())['processes'] == 2


@pytest.mark.slow
def test_one_process_cannot_go_on_for_two_and_says_so(place: Path, split: Path) -> None:
    shutil.copytree(split / 'checkpoint-3', place / 'fewer' / 'checkpoint-3')
    said = r'error: .*checkpoint-3 was written by 2 processes, each of which .* has 1; start as many, or begin anew'
    with pytest.raises(Failed, match=said) as found:
        zero = 'ds_config_zero3_no_offload'
        train(place, 'train_sft.py', 'fewer', 1, zero, max_steps=6, resume_from_checkpoint='auto')
    assert 'Traceback' not in str(found.value)


@pytest.mark.slow
def test_documented_settings_with_offload_save_gathered_16_bit_weights(place: Path) -> None:
    out = train(
        place, 'train_clm.py', 'bf16', 2, 'ds_config_zero3', max_steps=2, save_steps=2, bf16=True, max_length=64
    )
    saved = load_file(out / 'checkpoint-2' / 'model.safetensors')
    assert {one.dtype for one in saved.values()} == {torch.bfloat16}
    model = get_model(str(out), dtype='bfloat16').model
    assert all(torch.equal(one, saved[name]) for name, one in model.state_dict().items() if name in saved)
    checkpoint = out / 'checkpoint-2'
    run([sys.executable, str(checkpoint / 'zero_to_fp32.py'), str(checkpoint), str(place / 'whole')], place)
    whole = torch.load(place / 'whole' / 'pytorch_model.bin', weights_only=True)
    assert all(torch.equal(whole[name].bfloat16(), one) for name, one in saved.items())


@pytest.mark.slow
def test_zero2_evaluates_and_learns_as_one_process(place: Path) -> None:
    flags = {'max_steps': 2, 'do_eval': True, 'max_length': 64}
    two = train(place, 'train_clm.py', 'zero2', 2, 'ds_config_zero2', per_device_train_batch_size=2, **flags)
    one = train(place, 'train_clm.py', 'zero2-alone', per_device_train_batch_size=4, **flags)
    assert losses(two) == pytest.approx(losses(one), abs=1e-4)
    found = [json.loads((folder / 'eval_results.json').read_text())['eval_loss'] for folder in (two, one)]
    assert found[0] == pytest.approx(found[1], abs=1e-4)


@pytest.mark.slow
def test_adapters_over_4_bits_split_over_two_processes(place: Path) -> None:
    flags = {'bits': 4, 'lora_r': 8, 'max_steps': 3}
    two = train(
        place, 'train_with_qlora.py', 'q', 2, 'ds_config_zero3_no_offload', per_device_train_batch_size=4, **flags
    )
    one = train(place, 'train_with_qlora.py', 'q-alone', per_device_train_batch_size=8, **flags)
    assert losses(two) == pytest.approx(losses(one), abs=1e-4)
    assert apart(two / 'adapter_model.safetensors', one / 'adapter_model.safetensors') < 1e-3


def args(deepspeed: bool, processes: int = 1) -> Any:
    return SimpleNamespace(deepspeed='x.json' if deepspeed else None, world_size=processes)


def test_checkpoints_that_a_run_can_go_on_from(tmp_path: Path) -> None:
    def written(name: str, is_split: bool, mark: dict | None) -> str:
        folder = tmp_path / name
        folder.mkdir()
        if is_split:
            (folder / 'latest').touch()
        if mark is not None:
            (folder / 'complete.json').write_text(json.dumps(mark))
        return str(folder)

    plain, two = written('plain', False, {'processes': 2}), written('two', True, {'processes': 2})
    foreign = written('foreign', True, None)
    for folder, run in [(None, args(True)), (plain, args(False)), (two, args(True, 2)), (foreign, args(True, 3))]:
        check_resumable(folder, run)
    said = {
        'plain was written without DeepSpeed, and this run is with it': (plain, args(True)),
        'two was written with DeepSpeed, and this run is without it': (two, args(False)),
        'two was written by 2 processes, each of which holds': (two, args(True, 4)),
    }
    for text, (folder, run) in said.items():
        with pytest.raises(ValueError, match=re.escape(text)):
            check_resumable(folder, run)
