"""What the documentation shows is run here, and does what it says.

A block of code is run by its language:

- `python` that begins with `# FILE.py` is that file (`# added to FILE.py` goes to its end), and loaded if it is a
  config; with `>>>` it is a doctest; other code is executed;
- `bash` is run in a copy of this folder;
- `text` after `bash` has lines of its output, in their order; `...` stands for anything;
- `sh` needs what a laptop has not: only its flags are read;
- without a language it is not code.

The pages of both languages have the same blocks, which are run once.
"""

from __future__ import annotations

import argparse
import contextlib
import doctest
import importlib
import inspect
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from mmengine.utils import get_object_from_string

from opencompass import datasets, models
from opencompass.flags import parse_args
from opencompass.openicl import icl_evaluator, icl_retriever
from opencompass.registry import PARTITIONERS, RUNNERS
from opencompass.utils import config as configs
from opencompass.utils.build import TASK_KEYS

FOLDER = Path(__file__).resolve().parents[1]
DOCS = FOLDER / 'docs'
LANGUAGES = ('en', 'zh_cn')
EXAMPLES = {'python': 48, 'bash': 32, 'text': 20, 'sh': 6}
#: What sets up this very environment.
SET_UP = ('cd opencompass', 'pip install ')
#: Named already, and not there yet: until then nothing is said of them.
LATER = {'configs/summarizers/medium.py', 'tools/check_data.py', 'tools/list_configs.py'}

FENCE = re.compile(r'^```(\w*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r'# (added to )?([\w./-]+\.py)\n')
LINK = re.compile(r'(?<!!)\[[^]\n]*]\(([^)\s]+)\)')
SCRIPT = re.compile(r'python (tools/\w+\.py)')
NAMED_FILE = re.compile(r'`(?:python )?((?:configs|tools)/[\w/.-]+\.py)')


def pages(language: str) -> list[str]:
    return sorted(path.relative_to(DOCS / language).as_posix() for path in (DOCS / language).rglob('*.md'))


PAGES = pages('en')


class Block(NamedTuple):
    """Code of a page."""

    language: str
    text: str


def read(language: str, page: str) -> str:
    return (DOCS / language / page).read_text(encoding='utf-8')


def blocks(language: str, page: str) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(read(language, page))]


def prose(language: str, page: str) -> str:
    """The page without its code."""
    return FENCE.sub('', read(language, page))


def is_there(line: str) -> bool:
    """Whether the script of a command, if it starts one, is in the tree or must be."""
    script = SCRIPT.search(line)
    return script is None or script[1] not in LATER or (FOLDER / script[1]).is_file()


def test_both_languages_have_the_same_pages_and_the_same_code() -> None:
    assert pages('zh_cn') == PAGES
    assert len(PAGES) == 16
    for page in PAGES:
        english, chinese = ([block for block in blocks(language, page) if block.language] for language in LANGUAGES)
        assert chinese == english, page


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_example_is_counted(language: str) -> None:
    found = Counter(block.language for page in PAGES for block in blocks(language, page) if block.language)
    assert found == EXAMPLES


@pytest.mark.parametrize('page', PAGES)
def test_both_languages_have_the_same_structure(page: str) -> None:
    english, chinese = (re.findall(r'^(#+ |\| -)', prose(language, page), re.MULTILINE) for language in LANGUAGES)
    assert chinese == english


def anchor(title: str) -> str:
    """What a git host makes of a heading."""
    return re.sub(r'[^\w\- ]', '', title.strip().lower()).replace(' ', '-')


def anchors(path: Path) -> list[str]:
    return [anchor(title) for title in re.findall(r'^#+ (.*)$', FENCE.sub('', path.read_text('utf-8')), re.MULTILINE)]


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_link_leads_somewhere(language: str) -> None:
    count = 0
    for page in PAGES:
        path = DOCS / language / page
        for link in LINK.findall(prose(language, page)):
            file, _, title = link.partition('#')
            target = (path.parent / file).resolve() if file else path
            assert target.exists(), f'{page}: {link}'
            assert not title or unquote(title) in anchors(target), f'{page}: {link}'
            count += 1
    assert count >= 60


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_page_is_reached_from_the_first_one(language: str) -> None:
    linked = set(LINK.findall(prose(language, 'README.md')))
    assert {*PAGES} - linked == {'README.md'}


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_file_that_is_named_is_there(language: str) -> None:
    shown = {file[2] for page in PAGES for block in blocks(language, page) if (file := FILE_NAME.match(block.text))}
    named = {file for page in PAGES for file in NAMED_FILE.findall(prose(language, page))}
    in_a_run = {'configs/TIME.py'}
    assert {file for file in named - shown - in_a_run - LATER if not (FOLDER / file).is_file()} == set()
    assert len(named) >= 8


@pytest.mark.parametrize('language', LANGUAGES)
def test_a_benchmark_takes_two_small_files_and_a_line(language: str) -> None:
    files = {}
    for block in blocks(language, 'advanced_guides/new_dataset.md'):
        if file := FILE_NAME.match(block.text):
            files[file[2]] = len(block.text.splitlines()) - 1
    assert files['opencompass/datasets/seasons.py'] <= 40
    assert files['configs/datasets/seasons/seasons_ppl.py'] <= 40
    assert files['opencompass/datasets/__init__.py'] == 1


def public(module: Any, ending: str = '') -> set[str]:
    return {name for name in module.__all__ if name.endswith(ending)}


@pytest.mark.parametrize('language', LANGUAGES)
def test_nothing_that_a_config_may_name_is_left_out(language: str) -> None:
    evaluators = public(icl_evaluator, 'Evaluator') | public(datasets, 'Evaluator')
    named = {
        'user_guides/metrics.md': evaluators - {'BaseEvaluator'},
        'user_guides/models.md': public(models) - {'APITemplateParser', 'LMTemplateParser'},
        'prompt/few_shot.md': public(icl_retriever, 'Retriever') - {'BaseRetriever'},
        'user_guides/experimentation.md': flags(),
        'tools.md': {path.name for path in (FOLDER / 'tools').glob('[!_]*.py')},
    }
    for page, names in named.items():
        assert {name for name in names if f'`{name}' not in read(language, page)} == set(), page
        assert len(names) > 5


def flags() -> set[str]:
    with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
        parse_args(['--help'])
    return set(re.findall(r'^  (?:-\w.*, )?(--[\w-]+)', shown.getvalue(), re.MULTILINE))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of this folder, without tests, as the working directory; modules in it can be imported."""
    folder = tmp_path / 'opencompass'
    folder.mkdir()
    for name in ('configs', 'opencompass', 'tools'):
        shutil.copytree(FOLDER / name, folder / name, ignore=shutil.ignore_patterns('__pycache__'))
    shutil.copy(FOLDER / 'run.py', folder)
    (tmp_path / 'assets').symlink_to(FOLDER.parent / 'assets')
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, 'path', [str(folder), *sys.path])
    known = set(sys.modules)
    yield folder
    for name in set(sys.modules) - known:
        if str(folder) in str(getattr(sys.modules[name], '__file__', '')):
            del sys.modules[name]


@pytest.mark.slow
@pytest.mark.parametrize('page', [page for page in PAGES if blocks('en', page)])
def test_every_example_of_a_page_works(page: str, place: Path) -> None:
    output: str | None = None
    names = {'__name__': 'example'}
    for block in blocks('en', page):
        if block.language == 'python':
            work_python(block.text, names, page)
        elif block.language == 'bash':
            output = work_bash(block.text)
        elif block.language == 'text':
            if output is not None:
                assert_printed(block.text, output)
        elif block.language == 'sh':
            read_flags(block.text)
        else:
            assert not block.language, f'no rule for {block.language}'


def work_python(text: str, names: dict[str, Any], page: str) -> None:
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


def work_bash(text: str) -> str | None:
    """What the commands print, errors too; None where one of them is not there yet."""
    lines = [line for line in text.splitlines() if not line.startswith(SET_UP)]
    if not all(map(is_there, lines)):
        return None
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
    for line in filter(is_there, text.splitlines()):
        words = shlex.split(line)
        assert words[0] == 'python', line
        assert Path(words[1]).is_file(), line
        if words[1] == 'run.py':
            args: argparse.Namespace = parse_args(words[2:])
            assert configs.find(args.config)
