"""The model behind an API, asked over a real connection."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from opencompass.models import OpenAI, openai_api
from opencompass.utils.logging import get_logger
from opencompass.utils.prompt import PromptList

KEY = 'sk-secret'
Reply = tuple[int, str]


def says(text: str | None) -> Reply:
    return 200, json.dumps({'choices': [{'message': {'content': text}}]})


def refuses(status: int, **error: str) -> Reply:
    return status, json.dumps({'error': error})


class Server:
    """Gives its replies one after the other, the last one for ever, and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [says('yes')]
        self.bodies: list[dict] = []
        self.headers: list[dict] = []
        self.seconds = 0.0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers['Content-Length']))
                server.bodies.append(json.loads(body))
                server.headers.append(dict(self.headers))
                time.sleep(server.seconds)
                status, text = server.replies[min(len(server.bodies), len(server.replies)) - 1]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.http.server_port}/v1'
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(openai_api, 'WAITS', (0, 0, 0))
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def model(server: Server, **settings: Any) -> OpenAI:
    made = OpenAI(**{'path': 'm', 'key': KEY, 'query_per_second': 1000, 'openai_api_base': server.url, **settings})
    made.__dict__['_encoding'] = None  # no file of the internet: tokens are estimated
    return made


def test_any_server_that_speaks_chat_completions_is_asked_by_its_base_url(server: Server) -> None:
    chat = PromptList(
        [{'role': 'SYSTEM', 'prompt': 's'}, {'role': 'HUMAN', 'prompt': 'q'}, {'role': 'BOT', 'prompt': 'a'}]
    )
    server.replies = [says(' yes\n')]
    assert model(server).generate(['hello', chat], max_out_len=7) == ['yes', 'yes']
    asked = sorted(server.bodies, key=lambda body: len(body['messages']))
    assert [body['messages'] for body in asked] == [
        [{'role': 'user', 'content': 'hello'}],
        [
            {'role': 'system', 'content': 's'},
            {'role': 'user', 'content': 'q'},
            {'role': 'assistant', 'content': 'a'},
        ],
    ]
    assert {(body['model'], body['max_tokens']) for body in asked} == {('m', 7)}
    assert {headers['Authorization'] for headers in server.headers} == {f'Bearer {KEY}'}


def test_settings_of_the_config_go_into_the_request_and_into_the_fingerprint(server: Server) -> None:
    asking = model(server)
    before = asking.fingerprint()
    asking.generation_kwargs = {'temperature': 0, 'seed': 3}
    asking.generate(['x'], max_out_len=7)
    assert (server.bodies[0]['temperature'], server.bodies[0]['seed']) == (0, 3)
    assert asking.fingerprint() != before
    assert KEY not in str(asking.fingerprint())


@pytest.mark.parametrize(
    'bad',
    [
        pytest.param((502, '<html>'), id='no JSON'),
        pytest.param((200, '{"choices": []}'), id='no choices'),
        pytest.param(refuses(500, message='oops'), id='server error'),
    ],
)
def test_an_answer_that_is_none_is_asked_for_again(server: Server, bad: Reply) -> None:
    server.replies = [bad, says('second')]
    assert model(server).generate(['x'], max_out_len=7) == ['second']


def test_an_empty_answer_is_an_answer(server: Server) -> None:
    server.replies = [says(None)]
    assert model(server).generate(['x'], max_out_len=7) == ['']
    assert len(server.bodies) == 1


def test_a_busy_server_costs_no_try(server: Server) -> None:
    busy = refuses(429, code='rate_limit_exceeded', message='slow down')
    server.replies = [busy, busy, busy, says('at last')]
    assert model(server, retry=1).generate(['x'], max_out_len=7) == ['at last']


def test_a_server_that_stays_busy_ends_the_tries(server: Server) -> None:
    server.replies = [refuses(429, message='slow down')]
    with pytest.raises(RuntimeError, match='gave no answer after 2 times: slow down'):
        model(server).generate(['x'], max_out_len=7)


def test_a_connection_that_fails_is_tried_as_often_as_retry_says(server: Server) -> None:
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(RuntimeError, match='gave no answer after 3 times: no connection to'):
        model(server, retry=3).generate(['x'], max_out_len=7)


def test_retry_0_still_asks_once(server: Server) -> None:
    assert model(server, retry=0).generate(['x'], max_out_len=7) == ['yes']


def test_a_wrong_key_is_named_but_not_shown_and_not_tried_again(server: Server) -> None:
    server.replies = [refuses(401, message=f'Incorrect API key provided: {KEY}')]
    with pytest.raises(RuntimeError, match=r'refuses the key \(401\).*check \$OPENAI_API_KEY') as refused:
        model(server).generate(['x'], max_out_len=7)
    assert KEY not in str(refused.value)
    assert len(server.bodies) == 1


def test_no_key_stands_in_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.replies = [refuses(500, message=f'{KEY} has trouble'), says('x')]
    logger = get_logger()
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.DEBUG):
        model(server).generate(['x'], max_out_len=7)
    logger.removeHandler(caplog.handler)
    assert '*** has trouble' in caplog.text
    assert KEY not in caplog.text


def test_a_key_without_quota_is_left_out(server: Server) -> None:
    server.replies = [refuses(429, code='insufficient_quota', message='pay'), says('x')]
    asking = model(server, key=['k1', 'k2'])
    asking.generate(['x'], max_out_len=7)
    assert len(asking.keys) == 1
    server.replies = [refuses(429, code='insufficient_quota', message='pay')]
    with pytest.raises(RuntimeError, match='no key has quota left'):
        asking.generate(['x'], max_out_len=7)


def test_a_missing_key_says_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('OPENAI_API_KEY', raising=False)
    with pytest.raises(KeyError, match='set \\$OPENAI_API_KEY'):
        OpenAI('gpt-4')
    monkeypatch.setenv('OPENAI_API_KEY', 'k')
    assert OpenAI('gpt-4').keys == ['k']


def test_a_role_that_the_api_does_not_know_is_named(server: Server) -> None:
    with pytest.raises(ValueError, match="HUMAN, BOT, SYSTEM, not 'OTHER'; set api_role"):
        model(server).generate([PromptList([{'role': 'OTHER', 'prompt': 'x'}])], max_out_len=7)


def test_it_cannot_score_and_says_what_to_do(server: Server) -> None:
    with pytest.raises(NotImplementedError, match='OpenAI cannot score; choose data set configs that generate'):
        model(server).get_ppl(['x'])


def test_requests_wait_for_their_turn_and_not_for_each_other(server: Server) -> None:
    server.seconds = 0.5
    asking = model(server, query_per_second=20)
    start = time.monotonic()
    assert len(asking.generate([str(number) for number in range(10)], max_out_len=7)) == 10
    assert 0.5 + 9 / 20 <= time.monotonic() - start < 3  # one after the other they would take 5 s


def test_a_model_behind_an_api_has_no_end_token_of_its_own(server: Server) -> None:
    assert model(server).eos_token_id is None
