"""The summary of a run: a table of scores, printed and written as text, CSV and Markdown."""

from __future__ import annotations

import copy
import getpass
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from opencompass.utils import prompt_db
from opencompass.utils._scores import Group, Scores, by_importance, read_groups, read_result, shortened
from opencompass.utils._tables import HEAD, as_csv, as_markdown, as_raw, as_table, report
from opencompass.utils.abbr import dataset_abbr_from_cfg, get_infer_output_path, model_abbr_from_cfg
from opencompass.utils.files import write_atomic
from opencompass.utils.lark import LarkReporter
from opencompass.utils.logging import get_logger
from opencompass.utils.prompt import get_prompt_hash

MODES = {'GenInferencer': 'gen', 'PPLInferencer': 'ppl'}


def _mode(dataset: Mapping[str, Any]) -> str:
    """'gen' or 'ppl' after the inferencer's name, else 'unknown'."""
    kind = str((dataset.get('infer_cfg') or {}).get('inferencer', {}).get('type', ''))
    return next((mode for name, mode in MODES.items() if name in kind), 'unknown')


def _version(dataset: Mapping[str, Any]) -> str:
    """The start of the prompt's hash; '-' without `infer_cfg`. Hashing changes what it gets, hence the copy."""
    return get_prompt_hash(copy.deepcopy(dataset))[:6] if dataset.get('infer_cfg') else '-'


class Summarizer:
    """Tables of the results below `config['work_dir']`.

    `config['summarizer']` may hold `dataset_abbrs` (the rows: a name or (name, metric); what is no data set becomes a
    heading), `summary_groups` ({name, subsets, weights}) and `prompt_db` (see `prompt_db.update`). `reasons` says why
    (model, data set) has no score; given, even empty, every `-` of a data set or group tells its reason, without it
    only unreadable and failed results do. With `stderr` each model has a second column, the standard errors of its
    scores.
    """

    def __init__(
        self, config: Mapping[str, Any], reasons: Mapping[tuple[str, str], str] | None = None, stderr: bool = False
    ) -> None:
        self.config = config
        self.reasons = reasons
        self.stderr = stderr
        self.work_dir = Path(config['work_dir'])
        self.settings = config.get('summarizer') or {}
        self.models = {model_abbr_from_cfg(one): one for one in config['models']}
        self.datasets = {dataset_abbr_from_cfg(one): one for one in config['datasets']}
        self.groups = {group.name: group for group in read_groups(self.settings)}

    def summarize(self, output_path: str | None = None, time_str: str | None = None, markdown: bool = False) -> None:
        """Print the table and write `WORK_DIR/summary/summary_TIME.txt` and `.csv`, or `output_path` and its CSV; with
        `markdown` also an `.md`."""
        time_str = time_str or datetime.now().strftime('%Y%m%d_%H%M%S')
        text_path = Path(output_path or self.work_dir / 'summary' / f'summary_{time_str}.txt').absolute()
        csv_path = text_path.with_suffix('.csv') if text_path.suffix == '.txt' else Path(f'{text_path}.csv')
        rows = self.rows()
        table, values = as_table(rows), as_csv(rows)
        print(table)
        write_atomic(text_path, report(time_str, tabulate=table, csv=values, raw=as_raw(self.scores)))
        get_logger().info('write summary to %s', text_path)
        write_atomic(csv_path, values + '\n')
        get_logger().info('write csv to %s', csv_path)
        if markdown:
            write_atomic(csv_path.with_suffix('.md'), as_markdown(rows) + '\n')
        self._tell(text_path)
        if self.settings.get('prompt_db'):
            prompt_db.update(self.settings['prompt_db'])

    def rows(self) -> list[list[str]]:
        """The table with its head: data set, version, metric, mode, and a score for each model."""
        columns = [title for model in self.models for title in self._columns(model, '±')]
        return [[*HEAD, *columns], *(self._row(abbr, metric) for abbr, metric in self._wanted())]

    def _columns(self, score: str, error: str) -> list[str]:
        """What stands in the columns of a model."""
        return [score, error] if self.stderr else [score]

    @cached_property
    def scores(self) -> dict[str, Scores]:
        """What is known of each model."""
        found = {}
        for name, model in self.models.items():
            found[name] = Scores()
            for abbr, dataset in self.datasets.items():
                result = read_result(Path(get_infer_output_path(model, dataset, str(self.work_dir / 'results'))))
                if result is not None:
                    found[name].add(abbr, result)
            for group in self.groups.values():
                found[name].add_group(group)
        return found

    @cached_property
    def modes(self) -> dict[str, str]:
        """The mode of each data set, and of each group the common one or 'mixed'."""
        modes = {abbr: _mode(dataset) for abbr, dataset in self.datasets.items()}
        for group in self.groups.values():
            members = {modes.get(name, 'unknown') for name in group.subsets}
            modes[group.name] = members.pop() if len(members) == 1 else 'mixed'
        return modes

    def _metrics(self, abbr: str) -> list[str]:
        """The metrics that any model has for the data set or group."""
        return by_importance(dict.fromkeys(name for one in self.scores.values() for name in one.metrics.get(abbr, ())))

    def _wanted(self) -> Iterator[tuple[str, str | None]]:
        """Name and metric of each row; no metric where no model has one."""
        listed = self.settings.get('dataset_abbrs')
        if listed is None:
            names = [*self.datasets, *(group.name for group in self.groups.values() if self._is_shown(group))]
            for abbr in dict.fromkeys(names):
                metrics: list[str | None] = [*self._metrics(abbr)]
                yield from ((abbr, metric) for metric in metrics or [None])
            return
        for item in listed:
            if not isinstance(item, (str, list, tuple)):
                get_logger().warning('dataset_abbrs of the summarizer: %r is neither a name nor (name, metric)', item)
                continue
            abbr, metric = (item, None) if isinstance(item, str) else (*item, None)[:2]
            known = self._metrics(abbr)
            if metric is None:
                yield abbr, known[0] if known else None
            else:
                yield abbr, metric if metric in known else None

    def _is_shown(self, group: Group) -> bool:
        """A group without an average is only shown to tell the reason: wrong weights, or members that are missing."""
        if self._metrics(group.name) or any(group.name in one.problems for one in self.scores.values()):
            return True
        return self.reasons is not None and any(name in self.datasets for name in group.subsets)

    def _row(self, abbr: str, metric: str | None) -> list[str]:
        about = ['-', '-', '-']
        if metric is not None:
            version = '-' if abbr not in self.datasets or abbr in self.groups else _version(self.datasets[abbr])
            about = [version, metric, self.modes[abbr]]
        cells = (
            self._columns(self._cell(model, abbr, metric), self._error(model, abbr, metric)) for model in self.models
        )
        return [abbr, *about, *chain.from_iterable(cells)]

    def _error(self, model: str, abbr: str, metric: str | None) -> str:
        """The standard error of a score; '-' of a metric that is no mean over samples."""
        value = self.scores[model].errors.get(abbr, {}).get(metric or '')
        return '-' if value is None else f'{value:.2f}'

    def _cell(self, model: str, abbr: str, metric: str | None) -> str:
        value = self.scores[model].metrics.get(abbr, {}).get(metric or '')
        if value is not None:
            return f'{value:.2f}'
        reason = self._reason(model, abbr)
        return f'- ({reason})' if reason else '-'

    def _reason(self, model: str, abbr: str) -> str:
        """Why there is no score; '' if nothing is known or the name is a heading."""
        scores = self.scores[model]
        if self.reasons and (model, abbr) in self.reasons:
            return shortened(self.reasons[model, abbr])
        if abbr in scores.problems:
            return scores.problems[abbr]
        if self.reasons is None or abbr not in {**self.datasets, **self.groups}:
            return ''
        if abbr in scores.metrics:
            return 'not among its metrics'
        if abbr in self.groups:
            return self._missing_members(model, self.groups[abbr])
        if abbr in scores.raw:
            return 'no number in the result'
        return 'not evaluated' if self._has_predictions(model, abbr) else 'no predictions'

    def _missing_members(self, model: str, group: Group) -> str:
        missing = self.scores[model].missing(group)
        return f'{len(missing)} of {len(set(group.subsets))} missing' + (f': {missing[0]}' if len(missing) == 1 else '')

    def _has_predictions(self, model: str, abbr: str) -> bool:
        """Whether there are predictions, whole or of the first part."""
        path = Path(get_infer_output_path(self.models[model], self.datasets[abbr], str(self.work_dir / 'predictions')))
        return path.exists() or path.with_name(f'{path.stem}_0.json').exists()

    def _tell(self, text_path: Path) -> None:
        """Post where the summary is to `lark_bot_url`, if there is one. The summary stands, whatever comes of it."""
        url = self.config.get('lark_bot_url')
        if not url:
            return
        try:
            LarkReporter(url).post(f'{getpass.getuser()} 的详细评测汇总已输出至 {text_path}')
        except (OSError, KeyError) as error:  # no connection; a user id without a name
            get_logger().warning('No message was sent to Lark: %s: %s', type(error).__name__, error)
