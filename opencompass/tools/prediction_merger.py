"""Join the parts of predictions, DATASET_0.json, DATASET_1.json and so on, into DATASET.json; the parts stay.

What has its whole file is left alone, and nothing is written where items are missing.
"""

from __future__ import annotations

import argparse
import os

from _begin import begin
from _run_folder import Pair, add_work_dir, pairs

from opencompass.utils import provenance
from opencompass.utils.files import write_json
from opencompass.utils.predictions import records


def main() -> None:
    for pair in pairs(parse_args()):
        if not pair.path('predictions').exists():
            merge(pair)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file of the run')
    add_work_dir(parser)
    return parser.parse_args()


def merge(pair: Pair) -> None:
    """Write the whole file, if the parts have a prediction for every test item."""
    files = pair.predictions()
    if not files:
        return
    merged = records(files)
    if pair.mismatch(len(merged), len(pair.test_rows())):
        return
    print(f'Merge {[os.path.realpath(file) for file in files]} to {pair.shown("predictions")}')
    whole = pair.path('predictions')
    provenance.merge(whole, files)
    write_json(whole, {str(number): record for number, record in enumerate(merged)}, indent=4, ensure_ascii=False)


if __name__ == '__main__':
    begin(main)
