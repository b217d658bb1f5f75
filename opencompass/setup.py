"""Packaging of the evaluation package; `pip install -e .` in this folder installs what a Hugging Face model needs."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent


def version() -> str:
    """The version of the package, read as text: importing it would need its dependencies."""
    source = (HERE / 'opencompass' / '__init__.py').read_text(encoding='utf-8')
    found = re.search(r"^__version__ = '([^']+)'", source, re.MULTILINE)
    if not found:
        raise ValueError("opencompass/__init__.py: expected a line __version__ = 'X.Y.Z'")
    return found[1]


def requirements(path: Path) -> list[str]:
    """The requirements in a file, those of the files it includes with `-r` first."""
    lines = [line.split(' #')[0].strip() for line in path.read_text(encoding='utf-8').splitlines()]
    included = [line[3:].strip() for line in lines if line.startswith('-r ')]
    own = [line for line in lines if line and not line.startswith(('#', '-'))]
    return [each for name in included for each in requirements(path.parent / name)] + own


def extras() -> dict[str, list[str]]:
    """One extra per file beside runtime.txt; `all` is what users may want, so not what tests and linters need."""
    files = sorted((HERE / 'requirements').glob('*.txt'))
    found = {path.stem: requirements(path) for path in files if path.stem != 'runtime'}
    optional = {each for name, needs in found.items() if name != 'test' for each in needs}
    return found | {'all': sorted(optional)}


setup(
    name='opencompass',
    version=version(),
    description='Evaluation of large language models, compatible with OpenCompass 0.1 configs',
    long_description=(HERE / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10,<3.13',
    # Named so that an editable install puts this folder on the path: its default, an import hook, comes too late where
    # the working folder is the one above, whose folder `opencompass` would then be taken for the package.
    package_dir={'': '.'},
    packages=find_packages(include=['opencompass', 'opencompass.*']),
    package_data={'opencompass': ['**/*.json', '**/*.txt', '**/*.yaml']},
    install_requires=requirements(HERE / 'requirements' / 'runtime.txt'),
    extras_require=extras(),
    entry_points={'console_scripts': ['opencompass = opencompass.cli:main']},
    classifiers=[
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
    ],
)
