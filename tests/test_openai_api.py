"""The API server, started as users start it and asked over real connections."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest
from api_server import NANO, ROOT, Server, client
from tokenizers import Tokenizer

pytestmark = pytest.mark.slow
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
def server() -> Iterator[Server]:
    # Of another folder: the scripts find their modules themselves.
    started = Server(NANO, '--max_input_length', '400', '--max_generate_length', '100', folder=ROOT.parent)
    try:
        yield started.ready()
    finally:
        started.kill()


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
