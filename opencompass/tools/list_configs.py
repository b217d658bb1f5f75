"""List the configs of models and data sets that come with the package.

Without a PATTERN all of them; with one or more those whose name contains one ("llama", "mmlu") or matches one with
wildcards ("*_ppl"). The first column is what a config imports, the second what run.py takes from any folder.
"""

from __future__ import annotations

import argparse
import sys

from _begin import begin
from _config_files import config_files, shown

KINDS = {'Model': 'models', 'Dataset': 'datasets'}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('patterns', nargs='*', metavar='PATTERN', help='part of a name, or a name with wildcards')
    patterns = parser.parse_args().patterns
    found = {title: config_files(kind, patterns) for title, kind in KINDS.items()}
    if not any(found.values()):
        print(f'no config matches {" ".join(patterns)}; without a pattern all are listed', file=sys.stderr)
        return 1
    from tabulate import tabulate

    for title, files in found.items():
        if files:
            rows = [(file.stem, shown(file)) for file in files]
            print(tabulate(rows, headers=[title, 'Config Path'], tablefmt='psql', disable_numparse=True))
    return 0


if __name__ == '__main__':
    begin(main)
