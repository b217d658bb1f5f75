"""The pages without a browser: one that cannot start says why, here and in the terminal; the EXL2 page answers."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
APPS = ROOT / 'apps'
CHAT = ROOT / 'assets' / 'tigerbot-nano' / 'chat'


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture):
    """What a page says when it is started with these flags: its error, the reason, and the terminal's last line."""

    def started(script: str, *flags: str) -> tuple[str, str, str]:
        monkeypatch.setattr(sys, 'argv', [script, *flags])
        monkeypatch.setattr(sys, 'path', list(sys.path))
        page = AppTest.from_file(str(APPS / script), default_timeout=60).run()
        assert not page.exception
        assert not page.chat_input
        reason = page.code[0].value
        return page.error[0].value, reason.splitlines()[-1], capfd.readouterr().err.splitlines()[-1]

    return started


@pytest.mark.parametrize('script', ['web_demo.py', 'exllamav2_web_demo.py'])
@pytest.mark.parametrize(
    ('flags', 'reason'),
    [
        ([], 'error: the following arguments are required: --model_path'),
        (['--model_path', 'M', '--top_p', '2'], "error: argument --top_p: give a number from 0 to 1, not '2'"),
        (['--model_path', 'M', '--top'], 'error: unrecognized arguments: --top'),
    ],
)
def test_wrong_flags_are_told(shown, script: str, flags: list[str], reason: str) -> None:
    assert shown(script, *flags) == ('The page cannot start. / 页面无法启动。', reason, reason)


@pytest.mark.slow
def test_a_wrong_path_is_told(shown) -> None:
    _, reason, terminal = shown('web_demo.py', '--model_path', './no-such-folder')
    assert reason.startswith('error: model path ./no-such-folder does not exist')
    assert terminal == reason


@pytest.mark.slow
@pytest.mark.skipif(find_spec('exllamav2') is not None, reason='exllamav2 is installed')
def test_the_exl2_page_says_what_to_install(shown, tmp_path: Path) -> None:
    pytest.importorskip('utils.exllama')
    _, reason, terminal = shown('exllamav2_web_demo.py', '--model_path', str(tmp_path))
    assert 'pip install exllamav2' in reason
    assert terminal == reason


@pytest.mark.slow
def test_the_exl2_page_answers_with_the_settings_of_the_sidebar(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = pytest.importorskip('fake_exllamav2')
    for name, module in stand_in.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr('utils.exllama.torch.cuda.is_available', lambda: True)
    monkeypatch.setattr(sys, 'argv', ['page', '--model_path', str(CHAT)])
    monkeypatch.setattr(sys, 'path', list(sys.path))
    page = AppTest.from_file(str(APPS / 'exllamav2_web_demo.py'), default_timeout=60).run()
    for most in (1024, 1):
        page.number_input(key='max_length').set_value(most).run()
        page.chat_input[0].set_value('What is 12 + 5?').run()
    assert not page.exception
    assert [message.name for message in page.chat_message] == ['user', 'assistant'] * 2
    assert page.chat_message[1].markdown[0].value == '17'
    assert [page.chat_message[at].caption[0].value[:10] for at in (1, 3)] == ['tokens: 2,', 'tokens: 1,']
