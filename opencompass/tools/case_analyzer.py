"""Put predictions beside what they should be, in RUN/case_analysis/{bad,all}/MODEL/DATASET.json.

`bad` has the items of a ranked (PPL) data set whose label is wrong. Of generated answers it has all: whether one is
right is decided by the data set's evaluator, not by equality.
"""

from __future__ import annotations

import argparse
from typing import Any

from _begin import begin
from _run_folder import Pair, add_work_dir, pairs

from opencompass.tasks.openicl_eval import postprocessor, shaped_predictions
from opencompass.utils import get_logger
from opencompass.utils.files import write_json
from opencompass.utils.predictions import records

BAD, ALL = 'case_analysis/bad', 'case_analysis/all'


def main() -> None:
    args = parse_args()
    for pair in pairs(args):
        if args.force or not pair.path(ALL).exists():
            analyse(pair)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file of the run')
    parser.add_argument('-f', '--force', action='store_true', help='write the analysis again where there is one')
    add_work_dir(parser)
    return parser.parse_args()


def analyse(pair: Pair) -> None:
    """Write both files of a pair, if there is a prediction for every reference."""
    files = pair.predictions()
    if not files:
        return
    found, right = records(files), references(pair)
    if pair.mismatch(len(found), len(right)):
        return
    predictions = shaped_predictions([record['prediction'] for record in found], pair.model_cfg, pair.eval_cfg)
    case = case_of(found)
    cases = [one for one in map(case, found, predictions, right) if one is not None]
    if len(cases) < len(found):
        get_logger().warning(
            f'{pair.shown("predictions")}: {len(found) - len(cases)} items are left out, for the prediction or the '
            'reference is none of the labels'
        )
    bad = [one for one in cases if case is not ranked or str(one['prediction']) != str(one['reference'])]
    for folder, rows in ((BAD, bad), (ALL, cases)):
        write_json(pair.path(folder), rows, indent=4, ensure_ascii=False)


def references(pair: Pair) -> list:
    """The right answers: the column `eval_cfg.ds_column` of the test items, else the reader's output column."""
    column = pair.eval_cfg.get('ds_column') or pair.dataset_cfg['reader_cfg']['output_column']
    found = list(pair.test_rows()[column])
    if 'dataset_postprocessor' in pair.eval_cfg:
        return [*map(postprocessor(pair.eval_cfg['dataset_postprocessor']), found)]
    return found


def case_of(found: list[dict]) -> Any:
    """The function that makes a case of a record, a prediction and a reference, by the kind of the first record."""
    if not found or 'in-context examples' not in found[0]:
        return generated
    return chosen if 'choices' in found[0] else ranked


def generated(record: dict, prediction: Any, reference: Any) -> dict:
    """Of a generating data set."""
    return {'origin_prompt': record['origin_prompt'], 'prediction': prediction, 'reference': str(reference)}


def chosen(record: dict, prediction: Any, reference: Any) -> dict:
    """Of a data set whose next token is one of several choices (CLP)."""
    return {
        'origin_prompt': record['prompt'],
        'choices': record['choices'],
        'prediction': prediction,
        'reference': str(reference),
    }


def ranked(record: dict, prediction: Any, reference: Any) -> dict | None:
    """Of a data set whose labels are ranked (PPL); None where the prediction or the reference is no label."""
    said, right = record.get(f'label: {prediction}'), record.get(f'label: {reference}')
    if said is None or right is None:
        return None
    return {
        'prediction_prompt': said['testing input'],
        'prediction': prediction,
        'prediction_PPL': said['PPL'],
        'reference_prompt': right['testing input'],
        'reference': reference,
        'reference_PPL': right['PPL'],
    }


if __name__ == '__main__':
    begin(main)
