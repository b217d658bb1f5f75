"""The API server as its users start it, for tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import openai

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / 'assets' / 'tigerbot-nano' / 'chat'
SCRIPT = ROOT / 'apps' / 'openai_api.py'
STRANGE = '<strange>'


class Server:
    """A running server: `url` ends in /v1, `log` is all that it has printed."""

    def __init__(self, model: Path, *flags: str, folder: Path = ROOT, **environment: str) -> None:
        command = [sys.executable, SCRIPT, '--model_path', model, '--port', '0', '--dtype', 'float32', *flags]
        self.process = subprocess.Popen(
            [str(one) for one in command],
            cwd=folder,
            env={**os.environ, 'OMP_NUM_THREADS': '1', 'HF_HUB_OFFLINE': '1', **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self.url = ''
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def log(self) -> str:
        return ''.join(self.lines)

    def ready(self) -> Server:
        """Itself, when it answers."""
        until(lambda: self._is_up() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.log
        return self

    def _is_up(self) -> bool:
        found = re.search(r'at (http://\S+/v1)', self.log)
        self.url = found[1] if found else ''
        try:
            return bool(found) and httpx.get(self.url.replace('v1', 'health')).status_code == 200
        except httpx.TransportError:
            return False

    def health(self) -> dict[str, Any]:
        return httpx.get(self.url.replace('v1', 'health')).json()

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """The answer to a body: JSON of it, unless it is bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(
            f'{self.url}/{path}', content=content, headers={'content-type': 'application/json', **headers}, timeout=60
        )

    def ended(self) -> int:
        """Its exit code, with all of its log read."""
        code = self.process.wait(30)
        self._reader.join(10)
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def client(server: Server, key: str = 'any') -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=60)


def until(is_true: Any, seconds: float = 15) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, 'it did not come about'
        time.sleep(0.02)


def endless_checkpoint(folder: Path) -> Path:
    """The embedded model with an end token that it never writes: its answers are as long as may be.

    STRANGE is a token for which it has no embedding.
    """
    shutil.copytree(NANO, folder)
    for name, changed in (
        ('tokenizer_config.json', {'eos_token': '<unk>'}),
        ('generation_config.json', {'eos_token_id': 0}),
    ):
        file = folder / name
        file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))
    file = folder / 'tokenizer.json'
    tokenizer = json.loads(file.read_text('utf-8'))
    tokenizer['added_tokens'].append({**tokenizer['added_tokens'][0], 'id': 1536, 'content': STRANGE, 'special': False})
    file.write_text(json.dumps(tokenizer), 'utf-8')
    return folder
