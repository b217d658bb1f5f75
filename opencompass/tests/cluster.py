"""Stand-ins for `srun` and `dlc`, and a task that does what a file says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from opencompass.tasks import BaseTask

LAUNCHER = """#!{python}
import json, subprocess, sys
words = sys.argv[1:]
with open({log!r}, 'a') as file:
    print(json.dumps(words), file=file)
if {name!r} == 'dlc':
    command = ['bash', '-c', words[words.index('--command') + 1]]
else:
    command = words[next(at for at, word in enumerate(words) if word.startswith(('python', 'torchrun'))):]
sys.exit(subprocess.run(command).returncode)
"""
#: Prints its attempt and ends with the next code of `codes`; writes its outputs unless told `lost`.
WORK = """
import json, pathlib, sys
codes = json.loads(pathlib.Path('codes').read_text())
code = codes.pop(0)
pathlib.Path('codes').write_text(json.dumps(codes))
print('worked:', code, flush=True)
if code == 0:
    for path in map(pathlib.Path, sys.argv[2:]):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{}')
sys.exit(0 if code == 'lost' else code)
"""
ALIYUN = {
    'bashrc_path': 'bashrc',
    'conda_env_name': 'bench',
    'dlc_config_path': '/srv/dlc/config',
    'workspace_id': 'ws-1',
    'worker_image': 'reg.example/img:1',
}


class Work(BaseTask):
    """Runs WORK."""

    name_prefix, log_subdir, output_subdir = 'Work', 'logs/infer', 'predictions'

    def run(self) -> None:
        raise AssertionError('it runs as a process')

    def get_command(self, cfg_path: str, template: str) -> str:
        return template.format(task_cmd=f'python work.py {cfg_path} {" ".join(self.get_output_paths())}')


def programs(folder: Path) -> str:
    """A value for PATH with stand-ins; what they are called with is appended to `launched` in the folder's parent."""
    folder.mkdir()
    for name in ('srun', 'dlc'):
        text = LAUNCHER.format(python=sys.executable, name=name, log=str(folder.parent / 'launched'))
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return f'{folder}:/usr/bin:/bin'


def make_cluster(folder: Path, monkeypatch: pytest.MonkeyPatch, *codes: int | str) -> None:
    """The folder as current one, with stand-ins on PATH and WORK that ends with these codes."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv('PATH', programs(folder / 'bin'))
    monkeypatch.setattr('opencompass.runners.cluster.ClusterRunner.pause', 0)
    Path('work.py').write_text(WORK)
    Path('codes').write_text(json.dumps(codes))
    Path('bashrc').write_text('conda() { :; }\n')


def launched(folder: Path = Path()) -> list[list[str]]:
    """The words that stand-ins were called with."""
    return [json.loads(line) for line in (folder / 'launched').read_text().splitlines()]


def work(dataset: str, model: str = 'm', **run_cfg: int) -> dict[str, Any]:
    """The config of one task."""
    return {
        'models': [{'abbr': model, 'run_cfg': run_cfg}],
        'datasets': [[{'abbr': dataset}]],
        'work_dir': 'out',
    }
