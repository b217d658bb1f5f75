"""EXL2 chats make right calls of exllamav2: a stand-in with its parameters answers as transformers does."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import fake_exllamav2
import pytest
import torch
from fake_exllamav2 import ExLlamaV2DynamicGenerator, Settings

from utils.chat import Turn
from utils.exllama import load_reply
from utils.exllama_hf import common, load_hf_reply
from utils.modeling_hack import get_model
from utils.reply import Reply
from utils.settings import flags, generation

ROOT = Path(__file__).resolve().parent.parent
CHAT = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
QUESTION = Turn('user', 'What is 12 + 5?')
LOADERS = pytest.mark.parametrize('load', [load_reply, load_hf_reply])
SCRIPTS = pytest.mark.parametrize('script', ['exllamav2_infer.py', 'exllamav2_hf_infer.py'])


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stand-in in place of exllamav2, and torch as if a GPU were there."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for name, module in fake_exllamav2.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(ExLlamaV2DynamicGenerator, 'jobs', [])
    monkeypatch.setattr('utils.exllama.torch.cuda.is_available', lambda: True)
    yield
    torch.set_num_threads(threads)


def asked(*given: str) -> Namespace:
    return flags('').parse_args(['--model_path', str(CHAT), *given])


def conversation(reply: Any) -> list[str]:
    """Answers to two questions, the second of which follows on the first."""
    first, second = answer(reply, [QUESTION]), Turn('user', '法国的首都是哪里?')
    return [first, answer(reply, [QUESTION, Turn('assistant', first), second])]


def answer(reply: Any, turns: list[Turn]) -> str:
    """An answer that comes to its end."""
    stream = reply(turns)
    said = ''.join(stream)
    assert stream.is_finished
    return said


def folder(to: Path, without: str = '', **settings: object) -> str:
    """The chat model with these generation settings alone, and without a file."""
    shutil.copytree(CHAT, to / 'model', ignore=shutil.ignore_patterns(without))
    (to / 'model' / 'generation_config.json').write_text(json.dumps(settings))
    return str(to / 'model')


@LOADERS
def test_answers_are_those_of_transformers(load: Any, gpu: None) -> None:
    given = asked('--max_generate_length', '24')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cuda, 'is_available', lambda: False)
        plain = get_model(str(CHAT), dtype='float32')
    found = load(str(CHAT), given)
    settings = generation(plain.generation_config, given, found.chat_format.stop_ids)
    wanted = conversation(Reply(plain.model, plain.tokenizer, settings, found.chat_format, 1024))
    assert wanted[0] != ''
    assert conversation(found) == wanted


def test_only_what_is_new_in_a_conversation_goes_through_the_model(gpu: None) -> None:
    reply = load_hf_reply(str(CHAT), asked('--max_generate_length', '24'))
    forwarded = reply.model.engine.model.forwarded
    first = ''.join(reply([QUESTION]))
    prompt = reply.chat_format.ids([QUESTION])
    assert forwarded == [len(prompt), *[1] * (len(forwarded) - 1)]
    cached = list(reply.model.cached)
    forwarded.clear()
    turns = [QUESTION, Turn('assistant', first), QUESTION]
    list(reply(turns))
    longer = reply.chat_format.ids(turns)
    assert forwarded[0] == len(longer) - common(cached, longer)
    assert common(cached, longer) >= len(prompt)
    forwarded.clear()
    list(reply([QUESTION]))
    assert forwarded[0] == 1


@LOADERS
def test_an_answer_that_its_reader_leaves_does_not_disturb_the_next(load: Any, gpu: None) -> None:
    reply = load(str(CHAT), asked())
    wanted = conversation(reply)
    with reply([Turn('user', 'Tell me about the sea and the mountains.')]) as answer:
        next(answer)
        assert not answer.is_finished
    assert conversation(reply) == wanted


@LOADERS
def test_a_failure_in_the_model_reaches_the_reader_and_the_next_answer_is_right(
    load: Any, gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = load(str(CHAT), asked())
    wanted = conversation(reply)

    def fail(model: Any, input_ids: Any, cache: Any, **_: Any) -> None:
        cache.ids = [*cache.ids[: cache.current_seq_len], *[0] * 99]
        raise RuntimeError('CUDA out of memory')

    with monkeypatch.context() as patch:
        patch.setattr(fake_exllamav2.ExLlamaV2, 'forward', fail)
        with pytest.raises(RuntimeError, match='CUDA out of memory'):
            list(reply([Turn('user', 'Hello')]))
    assert conversation(reply) == wanted


@pytest.mark.parametrize(
    ('given', 'settings', 'wanted'),
    [
        ((), {}, Settings(1.1, 0.3, 50, 1.0, 0.0)),
        (('--temperature', '0.7', '--repetition_penalty', '1.3'), {}, Settings(1.3, 0.7, 50, 1.0, 0.0)),
        (('--top_k', '7', '--top_p', '0.5'), {'temperature': 0.9}, Settings(1.1, 0.9, 7, 0.5, 0.0)),
        ((), {'do_sample': False, 'repetition_penalty': 1.2}, Settings(1.2, 1.0, 1, 0.0, 0.0)),
        (('--temperature', '0'), {'do_sample': True}, Settings(1.1, 1.0, 1, 0.0, 0.0)),
    ],
)
def test_flags_then_the_checkpoint_then_the_usual_settings_reach_the_sampler(
    given: tuple[str, ...], settings: dict, wanted: Settings, gpu: None, tmp_path: Path
) -> None:
    usual = module_of('exllamav2_infer').USUAL
    reply = load_reply(folder(tmp_path, eos_token_id=2, **settings), asked(*given, '--seed', '3'), **usual)
    list(reply([QUESTION]))
    job = ExLlamaV2DynamicGenerator.jobs[-1]
    assert job.gen_settings == wanted
    assert job.stop_conditions == {2}


def test_a_seed_repeats_what_is_drawn(gpu: None) -> None:
    def drawn(seed: str) -> str:
        return ''.join(load_reply(str(CHAT), asked('--temperature', '3', '--seed', seed))([QUESTION]))

    assert drawn('1') == drawn('1') != drawn('2')


@LOADERS
def test_the_length_is_that_of_the_answer_and_long_conversations_lose_old_turns(load: Any, gpu: None) -> None:
    reply = load(str(CHAT), asked('--max_input_length', '60', '--max_generate_length', '1'))
    turns = [QUESTION, Turn('assistant', '17'), *[QUESTION, Turn('assistant', '17')] * 4, QUESTION]
    answer = reply(turns)
    list(answer)
    assert (answer.tokens, answer.is_finished) == (1, False)
    assert answer.dropped == len(turns) - len(reply.chat_format.fit(turns, 60).turns) > 0


def test_a_folder_that_only_the_tokenizer_of_transformers_reads_is_named_with_the_way_out(
    gpu: None, tmp_path: Path
) -> None:
    path = folder(tmp_path, without='tokenizer.json', eos_token_id=2)
    with pytest.raises(OSError, match=r'has no tokenizer\.json.* use exllamav2_hf_infer\.py'):
        load_reply(path, asked())
    assert conversation(load_hf_reply(path, asked())) == conversation(load_hf_reply(str(CHAT), asked()))


@LOADERS
def test_without_a_gpu_it_says_what_it_needs(load: Any, gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    with pytest.raises(OSError, match=r'needs an NVIDIA GPU.*other_infer/quant_infer\.py'):
        load(str(CHAT), asked())


@pytest.mark.slow
@SCRIPTS
def test_script_without_package_or_gpu_ends_with_what_it_needs(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / 'other_infer' / script, '--model_path', CHAT],
        capture_output=True,
        text=True,
        input='hi\n',
    )
    is_there = importlib.util.find_spec('exllamav2') is not None
    wanted = 'needs an NVIDIA GPU' if is_there else 'needs exllamav2: pip install exllamav2 (with a CUDA build of torch'
    assert (done.returncode, done.stdout) == (1, f'Loading model: {CHAT}\n')
    last = done.stderr.splitlines()[-1]
    assert last.startswith('error: a model in EXL2 format ') and wanted in last
    assert 'Traceback' not in done.stderr


@pytest.mark.slow
@SCRIPTS
def test_script_chats_as_the_model_answers(script: str, gpu: None) -> None:
    load = load_reply if script == 'exllamav2_infer.py' else load_hf_reply
    wanted = ''.join(load(str(CHAT), asked('--repetition_penalty', '1.1'))([QUESTION]))
    done = subprocess.run(
        [sys.executable, ROOT / 'tests' / 'fake_exllamav2.py', ROOT / 'other_infer' / script, '--model_path', CHAT]
        + ['--repetition_penalty', '1.1'],
        capture_output=True,
        text=True,
        input=f'{QUESTION.content}\nclear\n{QUESTION.content}\nexit\n',
    )
    assert (done.returncode, done.stdout.count(f'\n{wanted}\n[time: ')) == (0, 2), done.stderr
    assert 'tok/sec]' in done.stdout and done.stdout.endswith('session ended.\n')


def module_of(name: str) -> ModuleType:
    """A script of other_infer as a module."""
    found = importlib.util.spec_from_file_location(name, ROOT / 'other_infer' / f'{name}.py')
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
