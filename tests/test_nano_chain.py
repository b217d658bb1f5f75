"""The embedded model is made by our training scripts and works in everything that comes after: here at toy size."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from training import ROOT, Command

#: Questions of a subject in the toy's evaluation.
ASKED = 2
CHECKPOINT = {
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer.model',
    'tokenizer_config.json',
}
pytestmark = pytest.mark.slow


def done(command: Command) -> str:
    """What a command said; it must end well."""
    assert command.end() == 0, command.output
    return command.output


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


@pytest.fixture(scope='module')
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two folders in which make_nano.py left its model, in assets/tigerbot-nano, and its runs, in work."""
    pytest.importorskip('sentencepiece')
    folders = [tmp_path_factory.mktemp(name) for name in ('first', 'second')]
    flags = ['--steps', '8', '--threads', '1', '--no-measure']
    commands = [
        Command('assets/make_nano.py', *flags, '--out', str(one / 'assets/tigerbot-nano'), '--work', str(one / 'work'))
        for one in folders
    ]
    for command in commands:
        said = done(command)
        assert [said.count(f'python train/{name}.py') for name in ('train_clm', 'train_sft')] == [2, 1]
        assert '### Response:\n⟦' in said
    return folders


def test_toy_chain_writes_the_same_bytes_twice(made: list[Path]) -> None:
    first, second = (digests(one / 'assets') for one in made)
    assert first == second
    for variant in ('base', 'chat'):
        assert {path.name for path in (made[0] / 'assets' / 'tigerbot-nano' / variant).iterdir()} == CHECKPOINT
    assert first['tigerbot-nano/base/model.safetensors'] != first['tigerbot-nano/chat/model.safetensors']


def test_adapters_merge_into_a_model_that_is_evaluated_and_chats(made: list[Path]) -> None:
    """The chat variant with adapters in its weights takes the place of the chat variant in the demo evaluation."""
    work, nano = made[1] / 'work', made[1] / 'assets' / 'tigerbot-nano'
    done(
        Command(
            'train/train_with_qlora.py',
            *('--model_name_or_path', str(nano / 'chat'), '--data_files', str(work / 'texts' / 'chat_train.jsonl')),
            *('--validate_file_path', str(work / 'texts' / 'chat_valid.jsonl'), '--output_dir', str(work / 'adapters')),
            *('--do_train', '--do_eval', '--max_steps', '2', '--per_device_train_batch_size', '4', '--lora_r', '8'),
            *('--max_length', '256', '--report_to', 'none', '--save_strategy', 'no', '--bf16', 'True'),
        )
    )
    merged = work / 'merged'
    done(Command('train/merge_lora.py', '--adapter_path', str(work / 'adapters'), '--output_dir', str(merged)))
    (nano / 'chat').rename(work / 'before')
    merged.rename(nano / 'chat')
    shorten(nano / 'benchmark')
    evaluation = evaluate(made[1])
    said = chatted(nano / 'chat', 'What is 17 + 9?')
    table = done(evaluation)
    rows = re.findall(r'^nano_(\w+) +[0-9a-f]{6} .* ([\d.]+) +([\d.]+) *$', table, re.MULTILINE)
    assert len(rows) == 15, table
    [predictions] = (made[1] / 'opencompass' / 'out').glob('*/predictions/tigerbot-nano-chat/nano_addition_chat.json')
    asked = {one['origin_prompt']: one['prediction'] for one in json.loads(predictions.read_text('utf-8')).values()}
    assert said == asked['\n\n### Instruction:\nWhat is 17 + 9?\n\n### Response:\n'].strip()


def evaluate(folder: Path) -> Command:
    """The demo evaluation of the model in `folder`/assets, a few questions a subject."""
    shorten(folder / 'assets' / 'tigerbot-nano' / 'benchmark')
    (folder / 'opencompass').mkdir()  # the config names ../assets/tigerbot-nano
    place = ROOT / 'opencompass'
    config = place / 'configs' / 'eval_tigerbot_nano.py'
    return Command(str(place / 'run.py'), str(config), '-w', 'out', cwd=folder / 'opencompass')


def shorten(benchmark: Path) -> None:
    """Leave a few questions of each subject, of statements one of either answer."""
    files = list(benchmark.glob('*_test.jsonl'))
    assert len(files) == 11
    for file in files:
        lines = file.read_text('utf-8').splitlines(keepends=True)
        by_answer = {json.loads(line)['answer']: line for line in reversed(lines)}
        kept = by_answer.values() if file.stem == 'statements_test' else lines[:ASKED]
        file.write_text(''.join(kept), encoding='utf-8')


def chatted(model: Path, question: str) -> str:
    """The answer of infer.py, which ends with its time."""
    flags = ['--repetition_penalty', '1', '--max_generate_length', '12', '--dtype', 'float32', '--streaming', 'False']
    found = subprocess.run(
        [sys.executable, 'infer.py', '--model_path', str(model), *flags],
        cwd=ROOT,
        input=f'{question}\nexit\n',
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    return re.search(r'={100}\n(.*?)\n(?:\[time|={100})', found.stdout, re.DOTALL)[1].strip()
