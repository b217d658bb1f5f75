"""The API server, started as users start it and asked over real connections."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from api_server import NANO, ROOT, SCRIPT, STRANGE, Server, endless_checkpoint, until
from tokenizers import Tokenizer

pytestmark = pytest.mark.slow
KEY = 'sk-tiger-42'
QUESTIONS = [
    'What is 7+5?',
    '法国的首都是哪里？',
    'Is 7 bigger than 12?',
    'Hi',
    'Sort: 5 3 9',
    '你是谁？ 🐯',
    'Who are you?',
]


@pytest.fixture(scope='module')
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    endless = endless_checkpoint(tmp_path_factory.mktemp('model') / 'endless')
    limits = ('--max_generate_length', '50000', '--max_batch', '1', '--max_waiting', '2')
    # Of another folder: the scripts find their modules themselves.
    started = [
        Server(NANO, '--max_input_length', '400', '--max_generate_length', '100', folder=ROOT.parent),
        Server(endless, *limits, TIGERBOT_API_KEY=KEY),
    ]
    try:
        yield started[0].ready(), started[1].ready()
    finally:
        for one in started:
            one.kill()


@pytest.fixture(scope='module')
def server(servers: tuple[Server, Server]) -> Server:
    """Answers as the embedded model does."""
    return servers[0]


@pytest.fixture
def endless(servers: tuple[Server, Server]) -> Iterator[Server]:
    """Its answers end only when they are long, it answers one at a time, lets two wait, and wants a key."""
    yield servers[1]
    until(lambda: servers[1].health() == {'status': 'ok', 'running': 0, 'waiting': 0})


def client(server: Server, key: str = 'any') -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=60)


def asked(question: str) -> list[Any]:
    return [{'role': 'user', 'content': question}]


def said(server: Server, question: str, **settings: Any) -> tuple[str, str, int]:
    """Text, reason of its end, and tokens of an answer."""
    found = client(server).chat.completions.create(model='chat', messages=asked(question), **settings)
    return found.choices[0].message.content, found.choices[0].finish_reason, found.usage.completion_tokens


def streamed(server: Server, question: str, **settings: Any) -> tuple[str, str, int]:
    """As `said`, of a stream."""
    parts = list(
        client(server).chat.completions.create(
            model='chat', messages=asked(question), stream=True, stream_options={'include_usage': True}, **settings
        )
    )
    text = ''.join(part.choices[0].delta.content or '' for part in parts[:-1])
    assert '\ufffd' not in text
    assert [part.usage for part in parts[:-1]] == [None] * (len(parts) - 1)
    assert parts[-1].choices == []
    return text, parts[-2].choices[0].finish_reason, parts[-1].usage.completion_tokens


def test_answers_are_those_of_the_terminal_chat(server: Server) -> None:
    lines = [line for question in QUESTIONS for line in (question, 'clear')]
    command = [sys.executable, ROOT / 'infer.py', '--model_path', NANO, '--dtype', 'float32']
    chat = subprocess.run(
        [*command, '--max_generate_length', '100'],
        input='\n'.join([*lines, 'exit']),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'HF_HUB_OFFLINE': '1'},
    )
    shown = chat.stdout.split('=' * 100 + '\n')[1::2]
    expected = [text.rsplit('\n[time: ')[0] for text in shown]
    assert [said(server, question)[0] for question in QUESTIONS] == expected
    assert len(set(expected)) > 3


def test_thirty_two_clients_at_once_each_get_the_whole_answer_that_they_get_alone(server: Server) -> None:
    questions = [f'What is {one}+{one % 7}?' if one % 2 else f'{QUESTIONS[one % 7]} {one}' for one in range(32)]
    ways = [said if one % 3 else streamed for one in range(32)]
    settings = [{'max_tokens': 1 + one % 9} for one in range(32)]
    alone = [said(server, question, **more) for question, more in zip(questions, settings, strict=True)]
    with ThreadPoolExecutor(32) as clients:
        together = clients.map(lambda way, question, more: way(server, question, **more), ways, questions, settings)
    assert list(together) == alone
    assert {reason for _, reason, _ in alone} == {'stop', 'length'}
    assert len(set(alone)) > 16


def test_draws_with_a_seed_are_the_same_again_beside_others(server: Server) -> None:
    drawn = {'temperature': 1.8, 'extra_body': {'top_k': 0, 'repetition_penalty': 1.0}, 'max_tokens': 60}
    seeds = [{'seed': 5}, {}, {'seed': 6}] * 3
    with ThreadPoolExecutor(9) as clients:
        found = list(clients.map(lambda seed: said(server, 'Sort: 5 3 9', **drawn, **seed), seeds))
    assert found[0] == found[3] == found[6]
    assert found[2] == found[5] == found[8]
    assert found[0] != found[2]


@pytest.mark.parametrize('drawn', [{'temperature': 0}, {'temperature': 1e-9}, {'temperature': 2, 'top_p': 0}])
def test_draws_that_leave_one_token_take_the_likeliest(server: Server, drawn: dict[str, Any]) -> None:
    assert said(server, QUESTIONS[1], **drawn) == said(server, QUESTIONS[1])


def test_a_text_is_continued_from_letters_or_tokens_alike(server: Server) -> None:
    ids = Tokenizer.from_file(str(NANO / 'tokenizer.json')).encode('The capital of France').ids
    for prompt in ('The capital of France', ids, ['The capital of France']):
        found = client(server).completions.create(model='chat', prompt=prompt)
        assert (found.choices[0].text, found.choices[0].finish_reason) == (' is Paris.', 'stop')
        assert (found.usage.prompt_tokens, found.usage.completion_tokens) == (len(ids), 4)
    parts = list(client(server).completions.create(model='chat', prompt=ids, stream=True, max_tokens=2))
    assert ''.join(part.choices[0].text for part in parts) == ' is Paris'
    assert [part.choices[0].finish_reason for part in parts][-2:] == [None, 'length']


def test_an_answer_ends_before_a_stop_text(server: Server) -> None:
    whole, reason, _ = said(server, QUESTIONS[1])
    assert reason == 'stop'
    stop = whole[4:6]
    for way in (said, streamed):
        assert way(server, QUESTIONS[1], stop=stop)[:2] == (whole[: whole.index(stop)], 'stop')
        assert way(server, QUESTIONS[1], stop=['zz', stop])[:2] == (whole[: whole.index(stop)], 'stop')


def test_messages_may_be_of_a_system_and_of_parts(server: Server) -> None:
    plain = said(server, 'Be brief.\nWhat is 7+5?')
    chat = [{'role': 'developer', 'content': 'Be brief.'}, {'role': 'user', 'content': []}]
    chat[1]['content'] = [{'type': 'text', 'text': 'What is 7+5?'}]
    found = client(server).chat.completions.create(model='chat', messages=chat)
    assert found.choices[0].message.content == plain[0]
    # An answer goes back as it came.
    chat += [found.choices[0].message.model_dump(), *asked('Hi')]
    assert client(server).chat.completions.create(model='chat', messages=chat).usage.prompt_tokens > 30


def test_the_model_is_found_by_its_name_and_its_path(server: Server) -> None:
    assert [one.id for one in client(server).models.list()] == ['chat']
    assert client(server).models.retrieve('chat').id == client(server).models.retrieve(str(NANO)).id == 'chat'
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-4' here; the one that is has the name 'chat'"):
        client(server).chat.completions.create(model='gpt-4', messages=asked('Hi'))


BAD = [
    ('{nope', 400, None, 'the body of the request is no JSON: key must be a string at line 1 column 2'),
    ('[]', 400, None, 'the body of the request is to be a JSON object'),
    ('{"messages": "\\ud800"}', 400, None, 'is no JSON: '),
    ({}, 400, 'messages', 'messages: Field required'),
    ({'messages': []}, 400, 'messages', 'at least 1 item'),
    ({'messages': [{'role': 'tool', 'content': 'x'}]}, 400, 'messages[0].role', "'system', 'developer', 'user' or"),
    (
        {'messages': [{'role': 'user', 'content': [{'type': 'image_url'}]}]},
        400,
        'messages[0].content[0].type',
        "should be 'text'",
    ),
    ({'messages': [{'role': 'assistant', 'content': 'x'}]}, 400, 'messages', 'last message is to be of the user'),
    ({'messages': asked('a') * 2}, 400, 'messages', 'questions and answers take turns'),
    ({'messages': asked('a'), 'max_token': 3}, 400, 'max_token', 'unknown field max_token'),
    ({'messages': asked('a'), 'n': 2}, 400, 'n', 'does not serve n=2; leave it out, or give 1'),
    ({'messages': asked('a'), 'logprobs': True}, 400, 'logprobs', 'does not serve logprobs=True'),
    ({'messages': asked('a'), 'tools': [{}]}, 400, 'tools', 'does not serve tools'),
    ({'messages': asked('a'), 'temperature': -1}, 400, 'temperature', 'greater than or equal to 0'),
    ({'messages': asked('a'), 'temperature': '1'}, 400, 'temperature', 'should be a valid number'),
    ({'messages': asked('a'), 'stop': [1]}, 400, 'stop[0]', 'should be a valid string'),
    ({'messages': asked('a'), 'max_tokens': 101}, 400, 'max_tokens', 'is 101; this server writes at most 100 tokens'),
    ({'messages': asked('a'), 'max_completion_tokens': 0}, 400, 'max_completion_tokens', 'greater than or equal to 1'),
    ({'messages': asked('a '* 500)}, 400, 'messages', 'reads at most 400 tokens of a prompt; messages has 5'),
    ({'messages': asked('a' * (5 << 20))}, 413, None, 'bytes and at most 4194304 are allowed'),
]  # fmt: skip


@pytest.mark.parametrize(('body', 'status', 'param', 'message'), BAD)
def test_what_is_wrong_with_a_request_is_said_in_the_shape_of_openai(
    server: Server, body: Any, status: int, param: str | None, message: str
) -> None:
    found = server.post('chat/completions', body.encode() if isinstance(body, str) else body)
    assert found.status_code == status
    error = found.json()['error']
    assert set(error) == {'message', 'type', 'param', 'code'}
    assert (error['param'], error['type']) == (param, 'invalid_request_error')
    assert message in error['message']


def test_unknown_urls_and_other_bodies_are_refused_in_that_shape_too(server: Server) -> None:
    found = [
        httpx.get(f'{server.url}/chat/completions'),
        httpx.get(f'{server.url}/embeddings'),
        httpx.post(f'{server.url}/completions', data={'prompt': 'a'}),
        server.post('completions', {'prompt': [5, 99999]}),
        server.post('completions', {'prompt': ['a', 'b']}),
    ]
    assert [one.status_code for one in found] == [405, 404, 400, 400, 400]
    assert [one.json()['error']['message'] for one in found] == [
        'GET /v1/chat/completions: Method Not Allowed',
        'GET /v1/embeddings: Not Found',
        'send the request as JSON, with the header Content-Type: application/json',
        'the tokens of this model are 0 to 1535; found 99999',
        'prompt: Value error, give one prompt a request, not 2',
    ]


def test_fields_without_effect_may_be_there(server: Server) -> None:
    neutral = {'n': 1, 'user': 'me', 'logprobs': False, 'presence_penalty': 0, 'stop': None, 'store': False}
    assert said(server, 'Hi', **neutral, response_format={'type': 'text'}) == said(server, 'Hi')


def test_the_key_is_asked_for_and_never_printed(endless: Server) -> None:
    for key in ('any', f'{KEY}x', 'schlüssel'):
        found = endless.post('completions', {'prompt': 'a'}, authorization=f'Bearer {key}'.encode())
        assert (found.status_code, found.json()['error']['code']) == (401, 'invalid_api_key')
    assert [httpx.get(f'{endless.url}/{one}').status_code for one in ('models', 'models/endless')] == [401, 401]
    assert client(endless, KEY).models.list().data[0].id == 'endless'
    assert KEY not in endless.log


def going_on(server: Server) -> Any:
    """A stream that does not end."""
    stream = client(server, KEY).completions.create(model='endless', prompt='Once', stream=True, max_tokens=50000)
    next(iter(stream))
    return stream


def test_a_client_that_goes_away_ends_its_answer_and_leaves_its_place_in_the_queue(endless: Server) -> None:
    stream = going_on(endless)
    with pytest.raises(openai.APITimeoutError):
        client(endless, KEY).with_options(timeout=0.3).completions.create(model='endless', prompt='a')
    until(lambda: endless.health() == {'status': 'ok', 'running': 1, 'waiting': 0})
    stream.close()
    until(lambda: endless.health() == {'status': 'ok', 'running': 0, 'waiting': 0})
    with pytest.raises(openai.APITimeoutError):
        client(endless, KEY).with_options(timeout=0.3).completions.create(model='endless', prompt='a', max_tokens=50000)
    until(lambda: endless.health()['running'] == 0)
    assert client(endless, KEY).completions.create(model='endless', prompt='a').usage.completion_tokens == 16


def test_more_requests_than_may_wait_are_told_to_come_again(endless: Server) -> None:
    stream = going_on(endless)
    with ThreadPoolExecutor(2) as clients:
        waiting = [
            clients.submit(client(endless, KEY).completions.create, model='endless', prompt='a') for _ in range(2)
        ]
        until(lambda: endless.health()['waiting'] == 2)
        refused = endless.post('completions', {'prompt': 'a'}, authorization=f'Bearer {KEY}')
        stream.close()
        assert [one.result().usage.completion_tokens for one in waiting] == [16, 16]
    assert (refused.status_code, refused.headers['retry-after']) == (429, '1')
    assert refused.json()['error'] == {
        'message': '2 requests are waiting already, as many as may; try again later',
        'type': 'rate_limit_error',
        'param': None,
        'code': 'rate_limit_exceeded',
    }


@pytest.mark.parametrize('streams', [False, True])
def test_a_model_that_fails_is_an_error_of_the_server_and_the_next_is_answered(endless: Server, streams: bool) -> None:
    authorized = {'authorization': f'Bearer {KEY}'}
    found = endless.post('completions', {'prompt': STRANGE, 'stream': streams}, **authorized)
    assert (found.status_code, found.json()['error']) == (
        500,
        {
            'message': 'the model gave no answer: IndexError: index out of range in self',
            'type': 'server_error',
            'param': None,
            'code': None,
        },
    )
    assert 'IndexError' in endless.log
    assert endless.post('completions', {'prompt': 'a'}, **authorized).status_code == 200


@pytest.mark.parametrize(('first', 'again'), [(signal.SIGTERM, None), (signal.SIGINT, signal.SIGINT)])
def test_a_signal_ends_the_server_after_its_running_answers_and_another_cuts_them(
    tmp_path: Path, first: signal.Signals, again: signal.Signals | None
) -> None:
    started = Server(
        endless_checkpoint(tmp_path / 'endless'), '--max_generate_length', '50000', '--max_batch', '1', '--seed', '1'
    ).ready()
    try:
        stream = client(started).completions.create(
            model='endless',
            prompt='a',
            stream=True,
            max_tokens=50000 if again else 300,
            stream_options={'include_usage': True},
        )
        next(stream)
        with ThreadPoolExecutor(1) as clients:
            waiting = clients.submit(started.post, 'completions', {'prompt': 'a'})
            until(lambda: started.health()['waiting'] == 1)
            started.process.send_signal(first)
            assert (waiting.result().status_code, waiting.result().json()['error']['code']) == (503, 'shutting_down')
        if again:
            started.process.send_signal(again)
        *_, last, usage = stream
        assert last.choices[0].finish_reason == 'length'
        assert usage.usage.completion_tokens == 300 if again is None else usage.usage.completion_tokens < 50000
        assert started.ended() == 0
        assert 'Traceback' not in started.log
    finally:
        started.kill()


def test_the_evaluation_asks_it_as_any_openai_model(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from opencompass.models import OpenAI
    from opencompass.utils.prompt import PromptList

    monkeypatch.setenv('OPENAI_API_KEY', 'any')
    model = OpenAI('chat', query_per_second=1000, openai_api_base=server.url)
    model.__dict__['_encoding'] = None  # no file of the internet: tokens are estimated
    model.generation_kwargs = {'temperature': 0}
    chat = PromptList([{'role': 'HUMAN', 'prompt': QUESTIONS[1]}])
    expected = [said(server, question, temperature=0)[0].strip() for question in QUESTIONS[:2]]
    assert model.generate([QUESTIONS[0], chat], max_out_len=100) == expected


def test_flags_that_cannot_be_are_told_in_one_line(server: Server) -> None:
    port = httpx.URL(server.url).port
    for flags, message in (
        (('--port', str(port)), f'error: cannot listen at 127.0.0.1, port {port}: '),
        (('--api_key', ''), 'error: an API key has letters, digits and signs of ASCII'),
    ):
        ended = subprocess.run(
            [sys.executable, SCRIPT, '--model_path', NANO, *flags], capture_output=True, text=True, cwd=ROOT
        )
        assert ended.returncode == 1
        assert ended.stderr.splitlines()[-1].startswith(message)
        assert 'Traceback' not in ended.stderr
