"""The pages of the documentation, and how the code that they show is run.

By its language:

- `python` that begins with `# FILE.py` is that file (`# added to FILE.py` goes to its end), and loaded if it is a
  config; with `>>>` it is a doctest; other code is executed;
- `bash` is run in a copy of this folder;
- `text` after `bash` has lines of its output, in their order; `...` stands for anything;
- `sh` needs what a laptop has not: only its flags are read;
- without a language it is not code.
"""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.utils import get_object_from_string

from opencompass.flags import parse_args
from opencompass.registry import PARTITIONERS, RUNNERS
from opencompass.utils import config as configs
from opencompass.utils.build import TASK_KEYS

FOLDER = Path(__file__).resolve().parents[1]
DOCS = FOLDER / 'docs'
#: What sets up this very environment.
SET_UP = ('cd opencompass', 'pip install ')

FENCE = re.compile(r'^```(\w*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r'# (added to )?([\w./-]+\.py)\n')


class Block(NamedTuple):
    """Code of a page."""

    language: str
    text: str


def pages(language: str) -> list[str]:
    """Paths below the folder of the language."""
    return sorted(path.relative_to(DOCS / language).as_posix() for path in (DOCS / language).rglob('*.md'))


def read(language: str, page: str) -> str:
    return (DOCS / language / page).read_text(encoding='utf-8')


def blocks(language: str, page: str) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(read(language, page))]


def prose(language: str, page: str) -> str:
    """The page without its code."""
    return FENCE.sub('', read(language, page))


def work(language: str, page: str) -> int:
    """Run the examples of a page in their order, in the working directory; how many were run, compared or read."""
    output: str | None = None
    done = 0
    names = {'__name__': 'example'}
    for block in blocks(language, page):
        if block.language == 'python':
            work_python(block.text, names, page)
        elif block.language == 'bash':
            output = work_bash(block.text)
        elif block.language == 'text' and output is not None:
            assert_printed(block.text, output)
        elif block.language == 'sh':
            read_flags(block.text)
        else:
            assert block.language in ('', 'text'), f'no rule for {block.language}'
            continue
        done += 1
    return done


def work_python(text: str, names: dict[str, Any], page: str) -> None:
    """Write the file, or run the code with the names that earlier code of the page has left."""
    file = FILE_NAME.match(text)
    if file:
        write(Path(file[2]), text[file.end() :], is_added=bool(file[1]))
    elif '>>>' in text:
        test = doctest.DocTestParser().get_doctest(text, names, page, page, 0)
        told: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        assert runner.run(test, out=told.append, clear_globs=False).failed == 0, ''.join(told)
        names.update(test.globs)
    else:
        exec(compile(text, page, 'exec'), names)


def write(path: Path, text: str, is_added: bool) -> None:
    """Write a file of a page; a config is read, and what it names must be there."""
    if is_added:
        path.write_text(path.read_text('utf-8') + text, 'utf-8')
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, 'utf-8')
    compile(text, path, 'exec')
    if path.parts[0] == 'configs' or path.name.startswith('eval_'):
        check(configs.load(str(path)))


def check(cfg: Any) -> None:
    """Everything that a config names exists; its models take their settings, its sections can be built."""
    added = Path('opencompass', 'datasets', '__init__.py').read_text('utf-8')
    for name in types(cfg.to_dict()):
        module, _, attribute = name.rpartition('.')
        assert hasattr(importlib.import_module(module), attribute) or attribute in added, name
    for model in cfg.get('models', []):
        settings = {key: value for key, value in model.items() if key not in ('type', *TASK_KEYS['model'])}
        inspect.signature(get_object_from_string(model['type'])).bind(**settings)
    for stage in ('infer', 'eval'):
        if stage in cfg:
            partitioner = PARTITIONERS.build({**cfg[stage]['partitioner'], 'out_dir': 'out'})
            tasks = partitioner({**cfg, 'work_dir': 'work'})
            assert tasks
            RUNNERS.build(cfg[stage]['runner']).build(tasks[0])


def types(value: Any) -> Iterator[str]:
    """Every dotted name in a `type`."""
    if isinstance(value, dict):
        if isinstance(value.get('type'), str) and '.' in value['type']:
            yield value['type']
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from types(one)


def work_bash(text: str) -> str:
    """What the commands print, errors too."""
    lines = [line for line in text.splitlines() if not line.startswith(SET_UP)]
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    env = {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'OPENCOMPASS_DATA')}
    done = subprocess.run(
        ['bash', '-euo', 'pipefail', '-c', '\n'.join(lines)],
        env={**env, 'PATH': path, 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1'},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
    )
    assert done.returncode == 0, f'{text}\n{done.stdout}'
    return done.stdout


def assert_printed(text: str, output: str) -> None:
    """Each line is a line of the output, after the one before."""
    lines = iter(line.rstrip() for line in output.splitlines())
    for wanted in text.splitlines():
        pattern = re.escape(wanted.rstrip()).replace(r'\.\.\.', '.*')
        if wanted != '...' and not any(re.fullmatch(pattern, line) for line in lines):
            raise AssertionError(f'{wanted!r} is not where it should be in\n{output}')


def read_flags(text: str) -> None:
    """Each command starts a script that is there; those of run.py are understood, and name a config that is there."""
    for line in text.splitlines():
        words = shlex.split(line)
        assert words[0] == 'python', line
        assert Path(words[1]).is_file(), line
        if words[1] == 'run.py':
            assert configs.find(parse_args(words[2:]).config)
