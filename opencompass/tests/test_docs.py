"""What the documentation shows is run here, and does what it says: see `examples.py`.

The pages of both languages have the same examples, which are run once.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from examples import DOCS, FENCE, FILE_NAME, FOLDER, blocks, pages, prose, read, work

from opencompass import datasets, models
from opencompass.flags import parse_args
from opencompass.openicl import icl_evaluator, icl_retriever

LANGUAGES = ('en', 'zh_cn')
PAGES = pages('en')
EXAMPLES = {'python': 48, 'bash': 32, 'text': 20, 'sh': 6}

LINK = re.compile(r'(?<!!)\[[^]\n]*]\(([^)\s]+)\)')
NAMED_FILE = re.compile(r'`(?:python )?((?:configs|tools)/[\w/.-]+\.py)')


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
    assert {file for file in named - shown - in_a_run if not (FOLDER / file).is_file()} == set()
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
    examples = [block for block in blocks('en', page) if block.language in ('python', 'bash', 'sh')]
    assert work('en', page) >= len(examples) > 0
