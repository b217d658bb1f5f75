"""Checkpoints of a run: which are complete, and which is the newest."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path

MARK = 'complete.json'
NAME = re.compile(r'checkpoint-(\d+)')


def mark_complete(folder: Path, processes: int = 1) -> None:
    """Write down that a checkpoint was written to its end: the size of each of its files, and by how many processes."""
    sizes = {str(one.relative_to(folder)): one.stat().st_size for one in sorted(folder.rglob('*')) if one.is_file()}
    sizes.pop(MARK, None)
    draft = folder / f'{MARK}.draft'
    draft.write_text(
        json.dumps({'written': time.time(), 'processes': processes, 'sizes': sizes}, indent=1), encoding='utf-8'
    )
    draft.replace(folder / MARK)


def fault_of(folder: Path) -> str:
    """What a checkpoint lacks; '' for a complete one."""
    try:
        sizes = json.loads((folder / MARK).read_text(encoding='utf-8'))['sizes']
    except (OSError, ValueError, KeyError):
        return f'it was not written to its end (no {MARK})'
    for name, size in sizes.items():
        file = folder / name
        if not file.is_file():
            return f'{name} is missing'
        if file.stat().st_size != size:
            return f'{name} has {file.stat().st_size} bytes, not {size}'
    return ''


def checkpoints(output_dir: str | Path) -> list[Path]:
    """Folders of checkpoints, complete or not, those of the highest step first."""
    place = Path(output_dir)
    found = [one for one in place.glob('checkpoint-*') if one.is_dir() and NAME.fullmatch(one.name)]
    return sorted(found, key=lambda one: -int(one.name.split('-')[1]))


def newest(output_dir: str | Path) -> Path | None:
    """The complete checkpoint written last. Incomplete ones are told of and passed over."""
    complete = []
    for folder in checkpoints(output_dir):
        fault = fault_of(folder)
        if fault:
            print(f'{folder} is passed over: {fault}', file=sys.stderr)
        else:
            complete.append((json.loads((folder / MARK).read_text(encoding='utf-8'))['written'], folder))
    return max(complete)[1] if complete else None


def resumed_from(asked: str | None, output_dir: str) -> str | None:
    """The checkpoint to go on from: the newest complete one for 'auto' or 'True', the folder given, or None."""
    if asked is None or asked.lower() in ('false', 'none', ''):
        return None
    if asked.lower() in ('auto', 'true', 'last', 'latest'):
        found = newest(output_dir)
        print(f'Going on from {found}' if found else f'No complete checkpoint in {output_dir}; starting at step 0')
        return None if found is None else str(found)
    folder = Path(asked)
    if not (folder / 'trainer_state.json').is_file():
        raise ValueError(f'--resume_from_checkpoint {asked}: no checkpoint of a training; give one, or auto')
    if (folder / MARK).is_file() and (fault := fault_of(folder)):
        raise ValueError(f'--resume_from_checkpoint {asked}: {fault}; give another, or auto')
    return asked


def discard(folder: Path) -> None:
    """Remove a checkpoint that could not be written to its end."""
    shutil.rmtree(folder, ignore_errors=True)
