"""Runs the peers, each in its own process and environment (peers.sh makes them)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from measure import Measured

HERE = Path(__file__).resolve().parent
#: Folder of the environment, which is also that of the driver's name, and the package's name for a person.
PEERS = {'lm_eval': 'lm-eval', 'opencompass': 'opencompass'}


def run_peers(folder: Path | None, job: dict, scratch: Path) -> Iterator[tuple[str, Measured]]:
    """(name with release, what it did) of each peer whose environment is in `folder`."""
    for name in PEERS if folder is not None else ():
        found = run(interpreter(folder, name), HERE / f'peer_{name}.py', job, scratch)
        yield f'{PEERS[name]} {found.pop("release")}', Measured(**found)


def interpreter(folder: Path, name: str) -> Path:
    """The Python of a peer's environment."""
    python = folder / name / 'bin' / 'python'
    if not python.exists():
        raise FileNotFoundError(f'{python} does not exist; make it with: {HERE / "peers.sh"} {folder}')
    return python


def run(python: Path, driver: Path, job: dict, scratch: Path) -> dict:
    """What a driver writes about a job (see `peer.Job` and `training_peer.Job`)."""
    source, target, log = (scratch / name for name in ('job.json', 'result.json', 'peer.log'))
    source.write_text(json.dumps(job), encoding='utf-8')
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    environment |= {'HF_HUB_OFFLINE': '1', 'CUDA_VISIBLE_DEVICES': '', 'OMP_NUM_THREADS': str(job['threads'])}
    with log.open('w') as output:
        command = [python, driver, source, target]
        code = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=scratch).returncode
    if code != 0:
        raise RuntimeError(f'{driver.name} ended with exit code {code}:\n{log.read_text()[-2000:]}')
    return json.loads(target.read_text(encoding='utf-8'))
