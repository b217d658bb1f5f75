"""The web page in a real browser: what a visitor types, sees, stops, keeps, and never loses."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from apps.conversation import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
BASE = NANO.with_name('base')
CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
FRANCE = ('What is the capital of France?', 'Paris')
#: A word whose token the model has no embedding for, so that it fails in earnest.
BROKEN = 'kaboom'
MOST_TOKENS = 64
SECONDS = 20.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason='needs Chromium: apt-get install chromium fonts-noto-cjk'),
]
playwright = pytest.importorskip('playwright.sync_api', reason='needs playwright: pip install playwright')
expect = playwright.expect


class Server(NamedTuple):
    url: str
    log: Path

    def wait(self) -> Server:
        """Until it answers."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f'{self.url}/_stcore/health', timeout=1):
                    return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log.read_text())


class Process:
    """`streamlit run` from the repository's root, as the README says it."""

    def __init__(self, log: Path, *flags: str, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        streamlit = Path(sys.executable).with_name('streamlit')
        own = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
        self.server = Server(f'http://127.0.0.1:{port}', log)
        with log.open('w') as terminal:
            self._process = subprocess.Popen(
                [streamlit, 'run', 'apps/web_demo.py', '--server.port', str(port), '--server.address', '127.0.0.1']
                + ['--server.headless', 'true', '--', *flags],
                cwd=ROOT,
                env={**own, 'OMP_NUM_THREADS': '1', 'HF_HUB_OFFLINE': '1', **environment},
                stdout=terminal,
                stderr=subprocess.STDOUT,
            )

    def end(self) -> None:
        self._process.kill()
        self._process.wait(SECONDS)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded chat model, with a word in its tokenizer that it does not know."""
    made = tmp_path_factory.mktemp('models') / 'tigerbot-nano'
    shutil.copytree(NANO, made)
    tokenizer = json.loads((made / 'tokenizer.json').read_text())
    size = len(tokenizer['model']['vocab'])
    tokenizer['added_tokens'].append({**tokenizer['added_tokens'][0], 'id': size, 'content': BROKEN, 'special': False})
    (made / 'tokenizer.json').write_text(json.dumps(tokenizer))
    return made


@pytest.fixture(scope='module')
def servers(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[dict[str, Server]]:
    """With a model that answers, with one that goes on and on, and, started with PYTHONPATH, with a wrong path."""
    logs = tmp_path_factory.mktemp('logs')
    paths = {'right': str(folder), 'endless': str(BASE), 'wrong': './no-such-folder'}
    flags = {'right': ['--max_input_length', str(MOST_TOKENS)], 'endless': ['--max_generate_length', '9000']}
    environments = {'wrong': {'PYTHONPATH': './'}}
    processes = {
        name: Process(logs / name, '--model_path', path, *flags.get(name, []), **environments.get(name, {}))
        for name, path in paths.items()
    }
    try:
        yield {name: process.server.wait() for name, process in processes.items()}
    finally:
        for process in processes.values():
            process.end()


@pytest.fixture(scope='module')
def contexts() -> Iterator[dict[str, playwright.BrowserContext]]:
    """A browser of each language."""
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=['--no-sandbox'])
        found = {locale: browser.new_context(locale=locale) for locale in ('en-US', 'zh-CN')}
        for context in found.values():
            context.set_default_timeout(SECONDS * 1000)
        yield found
        browser.close()


class Visitor:
    """Someone with a tab open."""

    def __init__(self, context: playwright.BrowserContext, url: str) -> None:
        self.page = context.new_page()
        self.page.goto(url)
        self.box = self.page.get_by_test_id('stChatInputTextArea')
        self.messages = self.page.get_by_test_id('stChatMessageContent')
        self.stop = self.page.get_by_test_id('stBottom').get_by_role('button', name='Stop')

    def asks(self, text: str) -> None:
        self.box.fill(text)
        self.box.press('Enter')

    def answer(self, text: str | re.Pattern[str]) -> None:
        """Wait until the last message has this text and nothing is on its way."""
        expect(self.messages.last).to_contain_text(text)
        self.is_idle()

    def is_idle(self) -> None:
        expect(self.stop).to_have_count(0)
        expect(self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()

    def asks_for_much(self) -> None:
        """A question to which the base model's answer does not come to an end."""
        self.asks('Tell me much.')
        expect(self.messages.last).to_contain_text('The capital of France is Paris.')
        expect(self.stop).to_be_visible()

    def leaves(self) -> None:
        self.page.close()


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(contexts: dict[str, playwright.BrowserContext], servers: dict[str, Server]) -> Iterator[Visit]:
    """Opens tabs, and closes them after the test."""
    here: list[Visitor] = []

    def opened(server: str = 'right', locale: str = 'en-US') -> Visitor:
        here.append(Visitor(contexts[locale], servers[server].url))
        return here[-1]

    yield opened
    for one in here:
        one.leaves()


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=SECONDS * 1000)


def test_an_answer_appears_below_its_question_and_what_was_said_stays(visit: Visit) -> None:
    one = visit()
    expect(one.page.get_by_role('heading', name='TigerBot chat')).to_be_visible()
    expect(one.box).to_have_attribute('placeholder', 'Input here')
    one.asks(FRANCE[0])
    one.answer(FRANCE[1])
    one.asks('2 + 3 =')
    one.answer('5')
    expect(one.messages).to_have_count(4)
    expect(one.messages.first).to_have_text(FRANCE[0])
    expect(one.messages.nth(1)).to_contain_text(FRANCE[1])
    assert '</s>' not in one.page.content()


def test_text_appears_while_it_is_written_and_stays_when_it_is_stopped(visit: Visit) -> None:
    one = visit('endless')
    one.asks_for_much()
    before = one.messages.last.inner_text()
    one.page.wait_for_timeout(1000 * PATIENCE + 500)
    middle = one.messages.last.inner_text()
    expect(one.messages.last).not_to_have_text(middle, use_inner_text=True)
    one.stop.click()
    one.answer('stopped')
    said = one.messages.last.inner_text()
    assert said.startswith(before)
    assert len(before) < len(middle) < len(said)
    one.asks('Tell me more.')
    expect(one.messages).to_have_count(4)
    expect(one.messages.nth(1)).to_have_text(said, use_inner_text=True)


def test_a_click_elsewhere_does_not_end_an_answer_on_its_way(visit: Visit) -> None:
    one = visit('endless')
    one.asks_for_much()
    before = one.messages.last.inner_text()
    one.page.get_by_text('中文').click()
    expect(one.page.get_by_role('button', name='停止')).to_be_visible()
    expect(one.messages.last).to_contain_text(before, use_inner_text=True)
    expect(one.messages.last).not_to_have_text(before, use_inner_text=True)
    one.page.get_by_role('button', name='清空').click()
    expect(one.messages).to_have_count(0)


def test_a_new_question_ends_the_answer_before_it(visit: Visit) -> None:
    one = visit('endless')
    one.asks_for_much()
    one.asks('Tell me more.')
    expect(one.messages).to_have_count(4)
    expect(one.messages.nth(1)).to_contain_text('stopped')
    expect(one.messages.nth(2)).to_have_text('Tell me more.')


def test_two_visitors_take_turns_and_a_closed_tab_makes_way(visit: Visit) -> None:
    first, second = visit('endless'), visit('endless')
    expect(second.box).to_be_visible()
    first.asks_for_much()
    second.asks('Tell me much.')
    expect(second.messages.last).to_have_text('Waiting: 1 before you')
    first.leaves()
    expect(second.messages.last).to_contain_text('The capital of France is Paris.')


def test_a_message_that_is_too_long_comes_back_to_be_shortened(visit: Visit) -> None:
    one = visit()
    one.asks('why ' * 200)
    expect(one.page.get_by_role('alert')).to_contain_text(
        re.compile(rf'The message takes \d+ tokens and at most {MOST_TOKENS} are allowed')
    )
    expect(one.box).to_have_value('why ' * 200)
    expect(one.messages).to_have_count(0)
    one.asks(FRANCE[0])
    one.answer(FRANCE[1])
    expect(one.page.get_by_role('alert')).to_have_count(0)


def test_the_oldest_messages_are_left_out_with_a_notice(visit: Visit) -> None:
    one = visit()
    for _ in range(4):
        one.asks(FRANCE[0])
        one.answer(FRANCE[1])
    one.answer(re.compile(r'the oldest \d+ messages were left out'))
    expect(one.messages).to_have_count(8)


def test_an_error_of_the_model_is_shown_and_the_session_goes_on(visit: Visit, servers: dict[str, Server]) -> None:
    one = visit()
    one.asks(f'{BROKEN}!')
    expect(one.page.get_by_role('alert')).to_contain_text('The model failed')
    expect(one.page.get_by_text('IndexError: index out of range')).to_be_visible()
    expect(one.box).to_have_value(f'{BROKEN}!')
    assert 'Traceback' in servers['right'].log.read_text()
    one.asks(FRANCE[0])
    one.answer(FRANCE[1])


def test_the_page_speaks_the_browsers_language_and_a_switch_keeps_the_settings(visit: Visit) -> None:
    one = visit(locale='zh-CN')
    expect(one.box).to_have_attribute('placeholder', '在此输入')
    longest = one.page.get_by_role('spinbutton', name='回答的最大长度')
    longest.fill('2')
    longest.press('Enter')
    one.asks('法国的首都是哪里？')
    expect(one.messages.last).to_contain_text('token：2，')
    one.page.get_by_role('slider', name='温度').press('End')
    expect(one.page.get_by_role('slider', name='Top p')).to_be_enabled()
    one.page.get_by_text('English').click()
    expect(one.box).to_have_attribute('placeholder', 'Input here')
    expect(one.page.get_by_role('slider', name='Temperature')).to_have_value('2')
    expect(one.page.get_by_role('spinbutton', name='Longest answer')).to_have_value('2')
    expect(one.messages).to_have_count(2)


def test_a_conversation_can_be_saved_and_cleared(visit: Visit, tmp_path: Path) -> None:
    one = visit()
    one.asks(FRANCE[0])
    one.answer(FRANCE[1])
    saved = {}
    for name in ('JSON', 'Markdown'):
        with one.page.expect_download() as download:
            one.page.get_by_role('button', name=name).click()
        download.value.save_as(tmp_path / name)
        saved[name] = (tmp_path / name).read_text()
    said = json.loads(saved['JSON'])['messages'][1]['content']
    assert json.loads(saved['JSON']) == {
        'model': 'tigerbot-nano',
        'messages': [{'role': 'user', 'content': FRANCE[0]}, {'role': 'assistant', 'content': said}],
    }
    assert saved['Markdown'] == f'# TigerBot chat\n\n## You\n\n{FRANCE[0]}\n\n## Assistant\n\n{said.strip()}\n'
    one.page.get_by_role('button', name='Clear').click()
    expect(one.messages).to_have_count(0)
    expect(one.page.get_by_role('button', name='JSON')).to_be_disabled()


def test_a_wrong_path_is_told_on_the_page_and_in_the_terminal(visit: Visit, servers: dict[str, Server]) -> None:
    one = visit('wrong')
    expect(one.page.get_by_role('alert')).to_contain_text('The page cannot start')
    told = 'error: model path ./no-such-folder does not exist'
    expect(one.page.get_by_text(told)).to_be_visible()
    assert told in servers['wrong'].log.read_text()
    expect(one.page.get_by_text('Loading the model')).to_have_count(0)
    expect(one.box).to_have_count(0)
