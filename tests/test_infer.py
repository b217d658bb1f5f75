"""The terminal scripts as a person or a pipe uses them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from person import END, INTERRUPT, UP, Person
from transformers import AutoTokenizer

from utils.terminal import ASK, RULE

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano'
SPEED = re.compile(r'\[time: (\d+\.\d{4}) sec, speed: (\d+\.\d{4}) tok/sec\]\n')


def run(*command: str, lines: str = '', **env: str) -> subprocess.CompletedProcess:
    """A script at the root of the repository, with no PYTHONPATH."""
    clean = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        input=lines,
        env=clean | {'OMP_NUM_THREADS': '1', 'PYTHONIOENCODING': 'utf-8'} | env,
        capture_output=True,
        text=True,
        timeout=120,
        encoding='utf-8',
    )


@pytest.mark.slow
def test_infer_answers_a_pipe() -> None:
    model = str(NANO / 'chat')
    lines = 'What is 7 + 5?\n法国的首都是哪里?\n' + 'x' * 2000 + '\nWhat is the capital of France?'
    done = run('infer.py', '--model_path', model, '--max_input_length', '90', '--streaming', 'True', lines=lines)
    assert done.returncode == 0, done.stderr
    loading, _, shown = done.stdout.partition('Done\n')
    assert loading == f'Loading model from {model}...\n'
    times = [(float(seconds), float(speed)) for seconds, speed in SPEED.findall(shown)]
    answers = ('12', '巴黎', 'Paris')
    tokenizer = AutoTokenizer.from_pretrained(model)
    counts = [len(tokenizer(f'\n{answer}')['input_ids']) - len(tokenizer('\n')['input_ids']) for answer in answers]
    assert [round(seconds * speed) for seconds, speed in times] == counts
    shown = SPEED.sub('', shown)
    refused = re.search(r'the question takes (\d+) tokens and at most 90 are allowed', shown)
    assert refused is not None and int(refused[1]) > 1000
    assert [f'{RULE}\n{answer}\n{RULE}\n' in shown for answer in answers] == [True] * 3
    assert shown.endswith(f'{ASK}\nsession ended.\n')


@pytest.mark.slow
def test_base_model_goes_on_with_a_text_and_keeps_the_blank_before_it() -> None:
    model = str(NANO / 'base')
    flags = ['--model_path', model, '--max_generate_length', '3']
    done = run('other_infer/infer_pretrain.py', *flags, lines='The capital of')
    assert done.returncode == 0, done.stderr
    shown = SPEED.sub('', done.stdout.partition('>>> ')[2])
    assert re.fullmatch(rf'{RULE}\nThe capital of \w+\n{RULE}\n.* >>> \nsession ended\.\n', shown)


@pytest.mark.slow
def test_person_stops_answers_calls_lines_back_and_pastes(tmp_path: Path) -> None:
    shutil.copytree(NANO / 'base', tmp_path / 'endless')
    settings = tmp_path / 'endless' / 'generation_config.json'
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {'min_new_tokens': 100_000}))
    flags = ['--model_path', str(tmp_path / 'endless'), '--model_type', 'base', '--max_generate_length', '100000']
    with Person([sys.executable, 'infer.py', *flags], ROOT) as person:
        person.sees(ASK)
        person.types('What is 7 + 5?\n')
        person.sees('Question')
        person.types(INTERRUPT)
        assert ' (stopped)\r\n[time: ' in person.sees(ASK)
        person.types('a line that is dropped')
        person.types(INTERRUPT)
        person.sees(ASK)
        person.types(UP)
        person.sees('What is 7 + 5?')
        person.types('\n')
        person.sees('Question')
        person.types(INTERRUPT)
        person.sees(ASK)
        person.types('\x1b[200~first line\nsecond line\n\x1b[201~\n')
        assert person.sees(RULE).count('second line') == 2
        person.types(INTERRUPT)
        person.sees(ASK)
        person.types('x' * 6000 + '\n')
        assert re.search(r'the question takes 600\d tokens and at most 1024 are allowed', person.sees(ASK))
        person.types(END)
        code, shown = person.sees_the_end()
    assert (code, shown.split()[-2:]) == (0, ['session', 'ended.'])


OWN_CODE = """
from transformers import LlamaForCausalLM


class OwnForCausalLM(LlamaForCausalLM):
    def stream_chat(self, tokenizer, query, history, max_input_length, max_generate_length):
        said = f'{query} after {history} within {max_input_length} and {max_generate_length}'
        for end in range(0, len(said) + 5, 5):
            yield said[:end], None
        yield None, [*history, (query, said)]
"""


@pytest.mark.slow
@pytest.mark.parametrize('is_trusted', [True, False])
def test_own_code_of_a_model_answers_only_with_leave(tmp_path: Path, is_trusted: bool) -> None:
    shutil.copytree(NANO / 'chat', tmp_path / 'own')
    (tmp_path / 'own' / 'modeling_own.py').write_text(OWN_CODE)
    config = tmp_path / 'own' / 'config.json'
    auto_map = {'auto_map': {'AutoModelForCausalLM': 'modeling_own.OwnForCausalLM'}}
    config.write_text(json.dumps(json.loads(config.read_text()) | auto_map))
    flags = ['--model_path', str(tmp_path / 'own'), *(['--trust_remote_code'] if is_trusted else [])]
    lines = 'What is 7 + 5?\nand?'
    done = run('other_infer/infer_stream.py', *flags, lines=lines, HF_MODULES_CACHE=str(tmp_path / 'modules'))
    assert done.returncode == 0, done.stderr
    first = 'What is 7 + 5? after [] within 1024 and 1024'
    assert (f'{RULE}\n{first}\n' in done.stdout, f'{RULE}\n12\n' in done.stdout) == (is_trusted, not is_trusted)
    assert (f"and? after [('What is 7 + 5?', '{first}')] within" in done.stdout) == is_trusted


@pytest.mark.parametrize(
    ('script', 'flags', 'complaint'),
    [
        ('infer.py', ['--model_path', 'x', '--max_input', '5'], 'unrecognized arguments: --max_input 5'),
        ('infer.py', [], 'required: --model_path'),
        ('infer.py', ['--model_path', 'x', '--model_type', 'sft'], 'invalid choice'),
        ('infer.py', ['--model_path', 'x', '--rope_scaling', 'linear'], 'invalid choice'),
        ('infer.py', ['--model_path', 'x', '--streaming', 'maybe'], "give True or False, not 'maybe'"),
        ('infer.py', ['--model_path', 'x', '--top_p', '1.5'], "give a number from 0 to 1, not '1.5'"),
        ('other_infer/infer_pretrain.py', ['--model_path', 'x', '--top_k=-1'], "of at least 0, not '-1'"),
        ('other_infer/infer_stream.py', ['--model_path', 'x', '--max_input_length', '0'], "of at least 1, not '0'"),
    ],
)
def test_wrong_flags_are_refused_before_anything_is_loaded(script: str, flags: list[str], complaint: str) -> None:
    done = run(script, *flags)
    assert (done.returncode, complaint in done.stderr, done.stdout) == (2, True, '')


def test_help_documents_each_flag() -> None:
    shown = run('infer.py', '--help').stdout
    names = set(re.findall(r'^  --(\w+)', shown, re.M))
    assert names == {
        *('model_path', 'model_type', 'max_input_length', 'max_generate_length', 'rope_scaling', 'rope_factor'),
        *('streaming', 'temperature', 'top_p', 'top_k', 'repetition_penalty', 'do_sample', 'seed', 'dtype'),
        *('trust_remote_code', 'chat_format'),
    }


@pytest.mark.slow
def test_missing_model_is_one_line() -> None:
    done = run('infer.py', '--model_path', './none')
    assert (done.returncode, done.stderr.count('\n')) == (1, 1)
    assert done.stderr.startswith('error: model path ./none does not exist (looked from ')
