"""Evaluate models on data sets, as a config file says: see `python run.py --help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from opencompass.cli import run  # noqa: E402

if __name__ == '__main__':
    if code := run():
        sys.exit(code)
