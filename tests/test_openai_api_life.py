"""The API server under stress: keys, clients that go away, queues, failures, signals."""

from __future__ import annotations

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
from api_server import NANO, ROOT, SCRIPT, STRANGE, Server, client, endless_checkpoint, until

pytestmark = pytest.mark.slow
KEY = 'sk-tiger-42'


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return endless_checkpoint(tmp_path_factory.mktemp('model') / 'endless')


@pytest.fixture(scope='module')
def started(checkpoint: Path) -> Iterator[Server]:
    limits = ('--max_generate_length', '50000', '--max_batch', '1', '--max_waiting', '2')
    made = Server(checkpoint, *limits, TIGERBOT_API_KEY=KEY)
    try:
        yield made.ready()
    finally:
        made.kill()


@pytest.fixture
def endless(started: Server) -> Iterator[Server]:
    """Its answers end only when they are long, it answers one at a time, lets two wait, and wants a key."""
    yield started
    until(lambda: started.health() == {'status': 'ok', 'running': 0, 'waiting': 0})


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
    until(lambda: 'IndexError' in endless.log)  # its lines come by another way than the answer
    assert endless.post('completions', {'prompt': 'a'}, **authorized).status_code == 200


@pytest.mark.parametrize(('first', 'again'), [(signal.SIGTERM, None), (signal.SIGINT, signal.SIGINT)])
def test_a_signal_ends_the_server_after_its_running_answers_and_another_cuts_them(
    checkpoint: Path, first: signal.Signals, again: signal.Signals | None
) -> None:
    started = Server(checkpoint, '--max_generate_length', '50000', '--max_batch', '1', '--seed', '1').ready()
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


def test_flags_that_cannot_be_are_told_in_one_line(endless: Server) -> None:
    port = httpx.URL(endless.url).port
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
