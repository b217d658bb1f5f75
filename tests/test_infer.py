"""The terminal scripts as a person or a pipe uses them, and the conversations recorded of the first ones."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from person import END, INTERRUPT, UP, Person
from transformers import AutoTokenizer

from utils.chat import ChatFormat, TooLong, Turn
from utils.terminal import ASK, RULE, terminal_chat

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano'
CONFORMANCE = ROOT.parent / 'shared' / 'conformance'
SPEED = re.compile(r'\[time: (\d+\.\d{4}) sec, speed: (\d+\.\d{4}) tok/sec\]\n')


class Said:
    """An answer whose pieces are given; an exception among them is raised."""

    def __init__(self, *pieces: str | BaseException, dropped: int = 0) -> None:
        self.pieces, self.dropped, self.tokens = pieces, dropped, len(pieces)
        self.is_closed = False

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    def close(self) -> None:
        self.is_closed = True


def session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, lines: str, answers: list, **how: Any
) -> tuple[list[list[Turn]], str]:
    """The conversations that were asked for, and what was shown, without times."""
    asked: list[list[Turn]] = []
    given = iter(answers)

    def reply(turns: list[Turn]) -> Said:
        asked.append(turns)
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(sys, 'stdin', io.StringIO(lines))
    terminal_chat(reply, **how)
    return asked, SPEED.sub('', capsys.readouterr().out)


def conversation(*texts: str) -> list[Turn]:
    return [Turn(('user', 'assistant')[place % 2], text) for place, text in enumerate(texts)]


def test_session_grows_until_clear(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    answers = [Said('A', ' b\n', '  c'), Said(), Said('d')]
    asked, shown = session(monkeypatch, capsys, 'one\n\n \t\n two \nclear\nthree\nexit\nfour\n', answers)
    first = conversation('one', 'A b\n  c', 'two')
    assert asked == [first[:1], first, conversation('three')]
    empty = f'{ASK}prompt should not be empty!\n'
    assert shown == (
        f'{ASK}{RULE}\nA b\n  c\n{RULE}\n{empty}{empty}{ASK}{RULE}\n\n{RULE}\n'
        f'{ASK}session cleared.\n{ASK}{RULE}\nd\n{RULE}\n{ASK}session ended.\n'
    )


@pytest.mark.parametrize('streams', [True, False])
def test_stopped_answer_is_kept_and_the_session_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, streams: bool
) -> None:
    stopped = Said('Well', ', ', KeyboardInterrupt(), 'never')
    asked, shown = session(monkeypatch, capsys, 'one\ntwo\n', [stopped, Said('ok')], streams=streams)
    assert asked == [conversation('one'), conversation('one', 'Well, ', 'two')]
    assert (stopped.is_closed, f'Well,  (stopped)\n{RULE}\n' in shown, 'never' in shown) == (True, True, False)
    assert shown.endswith(f'{ASK}\nsession ended.\n')


def test_question_that_is_too_long_is_told_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    asked, shown = session(monkeypatch, capsys, 'one\ntwo\nthree', [Said('a'), TooLong(70, 64), Said('b')])
    assert asked[2] == conversation('one', 'a', 'three')
    told = 'the question takes 70 tokens and at most 64 are allowed; shorten it or raise max_input_length\n'
    assert f'{ASK}{told}{ASK}' in shown


def test_turns_that_no_longer_fit_are_told_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    answers = [Said('a'), Said('b', dropped=2), Said('c')]
    asked, shown = session(monkeypatch, capsys, 'one\ntwo\nthree', answers)
    assert asked[2] == conversation('two', 'b', 'three')
    assert shown.count('(the 2 oldest turns are left out from now on') == 1


def test_alone_each_text_is_shown_with_what_follows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    answers = [Said(' big cat'), Said('!')]
    asked, shown = session(monkeypatch, capsys, 'a\nclear\nexit', answers, keeps_session=False, echo=True)
    assert asked == [conversation('a'), conversation('clear')]
    ask = 'prompt("exit" to end) >>> '
    assert shown == f'{ask}{RULE}\na big cat\n{RULE}\n{ask}{RULE}\nclear!\n{RULE}\n{ask}session ended.\n'


#: Recorded conversations that end otherwise here, and why.
CORRECTED = {
    'infer-chat-no-eos': 'an answer that was cut has no end token in the session; here every answer ends',
    'infer-empty-answer': 'the second answer was cut',
    'infer-chat-empty-and-blank': 'a line of blanks was sent',
    'infer-chat-truncated': 'the newest question was cut',
    'infer-chat-long-single': 'the newest question was cut',
    'infer-chat-type-upper': 'CHAT was base',
    'infer-base-truncated': 'the newest text was cut',
    'infer-bad-type': 'argparse refuses it',
    'infer-bad-rope': 'argparse refuses it',
}


def test_recorded_conversations_are_reproduced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """But for two defects: the missing BOS of chats, and the end token that was shown."""
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    shown_of = {one['id']: one['expected'] for one in cases if one['kind'] == 'transcript'}
    cases = [one for one in cases if one.get('script') == 'infer.py' and one['kind'] == 'prompt']
    tokenizer = AutoTokenizer.from_pretrained(CONFORMANCE / 'models' / 'tiny-llama')
    replayed = [one for one in cases if one['id'] not in CORRECTED]
    for case in replayed:
        is_base = case['flags'].get('model_type') == 'base'
        answers = [Said(answer.removesuffix('<cut>')) for answer in case['answers']]
        asked, shown = session(monkeypatch, capsys, '\n'.join(case['stdin']), answers)
        made = ChatFormat.of(tokenizer, 'plain' if is_base else 'tigerbot')
        texts = [turn['text'].removeprefix('<s>') for turn in case['expected']['turns']]
        sent = [made.ids(turns[-1:] if is_base else turns) for turns in asked]
        assert sent == [tokenizer(text)['input_ids'] for text in texts], case['id']
        # At the end of the input there was an exception.
        assert shown.startswith(shown_of[f'{case["id"]}-stdout'].replace('</s>', '')), case['id']
    assert (len(cases), len(replayed)) == (20, 11)


def test_recorded_texts_to_go_on_with_are_reproduced() -> None:
    if not CONFORMANCE.exists():
        pytest.skip('needs ../shared/conformance')
    cases = json.loads((CONFORMANCE / 'toolkit.json').read_text('utf-8'))['cases']
    cases = [one for one in cases if one.get('script') == 'other_infer/infer_pretrain.py' and one['kind'] == 'prompt']
    tokenizer = AutoTokenizer.from_pretrained(CONFORMANCE / 'models' / 'tiny-llama')
    made = ChatFormat.of(tokenizer, 'plain')
    turns = [turn for one in cases if not one['id'].endswith('truncated-left') for turn in one['expected']['turns']]
    for turn in turns:
        ids = made.ids(conversation(turn['text']))
        assert (tokenizer.decode(ids), len(ids)) == (turn['model_sees'], turn['n_input_ids'])
    assert (len(cases), len(turns)) == (4, 6)


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
