"""What the READMEs tell a reader to type is what is run here, and does what they say."""

from __future__ import annotations

import csv
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ('README.md', 'README_zh-CN.md', 'opencompass/README.md')
#: What a server says when it is up, by the beginning of its command, and the flags that give it a free port.
SERVERS = {
    'streamlit run': ('URL: http', ['--server.port=0', '--server.headless=true']),
    'python apps/openai_api.py': ('Serving chat at http', ['--port=0']),
}
#: Run by CI itself, or by `make`.
SET_UP = {'make demo', 'make test', 'cd opencompass', 'pip install -e .'}


def commands(readme: str) -> list[str]:
    """The commands of its bash blocks, without comments."""
    blocks = re.findall(r'```bash\n(.*?)```', (ROOT / readme).read_text(encoding='utf-8'), re.S)
    return [
        line.split('  #')[0].split(' # ')[0].strip() for block in blocks for line in block.splitlines() if line.strip()
    ]


def evaluate(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A `python ...` of a README, with its outputs in a folder."""
    words = [str(folder / word) if word.startswith('outputs/') else word for word in shlex.split(command)]
    if 'run.py' in words and '-w' not in words:
        words += ['-w', str(folder / 'default')]
    folder = ROOT if words[1].endswith('infer.py') else ROOT / 'opencompass'
    return subprocess.run([sys.executable, *words[1:]], cwd=folder, input='', capture_output=True, text=True)


def serve(command: str) -> str:
    """Start a server of a README and stop it as soon as it is up, with Ctrl-C; what it said."""
    is_up, port = next(rest for start, rest in SERVERS.items() if command.startswith(start))
    words = [word for word in shlex.split(command) if word not in ('--port', '8000')]
    if words[0] == 'streamlit':
        words = ['python', '-m', *words[:3], *port, *words[3:]]
    else:
        words += port
    said = ''
    with subprocess.Popen(
        [sys.executable, *words[1:]], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        for line in server.stdout:
            said += line
            if is_up in line:
                time.sleep(1)  # Streamlit says it before it takes signals
                server.send_signal(signal.SIGINT)
    assert is_up in said and server.returncode == 0, f'{command}\n{said}'
    return said


def test_both_languages_have_the_same_commands() -> None:
    english, chinese = map(commands, READMES[:2])
    assert english == chinese
    assert len(english) >= 9


@pytest.mark.slow
def test_every_command_runs_and_the_embedded_model_has_learned(tmp_path: Path) -> None:
    told = dict.fromkeys(command for readme in READMES for command in commands(readme) if command not in SET_UP)
    real = [command for command in told if 'real' in command]
    ours = (
        'python run.py',
        'python tools/',
        'python -m opencompass',
        'python infer.py',
        'python other_infer/',
        *SERVERS,
    )
    assert all(command.startswith(ours) for command in told), told
    assert len(told) - len(real) == 17
    start = time.monotonic()
    for command in told:
        if command.startswith(tuple(SERVERS)):
            serve(command)
        elif command not in real:
            done = evaluate(command, tmp_path)
            assert done.returncode == 0, f'{command}\n{done.stdout}\n{done.stderr}'
    print(f'{time.monotonic() - start:.0f} s for {len(told) - len(real)} commands')
    [table, *_] = sorted(tmp_path.glob('outputs/nano/*/summary/*.csv'))
    rows = {row['dataset']: row for row in csv.DictReader(table.open(encoding='utf-8'))}
    for model in ('tigerbot-nano-base', 'tigerbot-nano-chat'):
        assert float(rows['nano_mc'][model]) > 60
        assert 10 < float(rows['nano_control'][model]) < 40
    assert float(rows['nano_gen']['tigerbot-nano-base']) > 60
    assert float(rows['nano_gen_chat']['tigerbot-nano-chat']) > 60
    assert float(rows['nano_clp']['tigerbot-nano-base']) > 60
