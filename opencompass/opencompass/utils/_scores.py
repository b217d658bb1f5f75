"""What the result files of one model say: numbers by metric, group averages, and why there is none."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from opencompass.utils.logging import get_logger
from opencompass.utils.statistics import metrics_of

# The metrics that tell most come first in tables, and the first one stands for the data set in group averages.
FIRST_METRICS = (
    'score',
    'auc_score',
    'accuracy',
    'humaneval_pass@1',
    'rouge1',
    'avg_toxicity_score',
    'bleurt_diff',
    'matthews_correlation',
    'truth',
)
# Numbers beside a BLEU score that are none themselves.
NO_METRICS = ('bp', 'sys_len', 'ref_len')
LONGEST_REASON = 60


class Group(NamedTuple):
    """Data sets, or groups, that are averaged."""

    name: str
    subsets: tuple[str, ...]
    weights: dict[str, float]

    def average(self, values: Mapping[str, float]) -> tuple[str, float]:
        """Name and value of the average of complete values; ValueError if the weights allow none."""
        if not self.weights:
            return 'naive_average', sum(values.values()) / len(values)
        strangers = [name for name in self.weights if name not in values]
        if strangers:
            raise ValueError(f'weights for no member: {", ".join(strangers)}')
        total = sum(self.weights.values())
        if not total:
            raise ValueError('weights add up to zero')
        return 'weighted_average', sum(values[name] * weight for name, weight in self.weights.items()) / total


@dataclass
class Scores:
    """One model's results by data set or group; `raw` holds what there is, `metrics` the usable numbers of it, `errors`
    the standard errors of those that are means."""

    raw: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    errors: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, abbr: str, result: dict[str, Any]) -> None:
        """Take a result as its file holds it."""
        self.raw[abbr] = metrics_of(result)
        if 'error' in result:
            self.problems[abbr] = shortened(str(result['error']))
        elif found := numbers(self.raw[abbr]):
            self.metrics[abbr] = found
            known = {name: one['stderr'] for name, one in result.get('statistics', {}).items()}
            self.errors[abbr] = {name: value for name, value in known.items() if value is not None}

    def add_group(self, group: Group) -> None:
        """Average the first metrics of the members. A model that has none of them gets no entry."""
        values = {name: next(iter(self.metrics[name].values())) for name in group.subsets if name in self.metrics}
        absent = self.missing(group)
        if not values:
            return
        if absent:
            self.raw[group.name] = {'error': f'missing datasets: {{{", ".join(map(repr, absent))}}}'}
            return
        try:
            metric, average = group.average(values)
        except ValueError as error:
            get_logger().warning('Group %s of the summary has no average: %s', group.name, error)
            self.add(group.name, {'error': str(error)})
        else:
            self.raw[group.name] = {**values, metric: average}
            self.metrics[group.name] = {metric: average}
            self.errors[group.name] = self._group_error(group, metric)

    def _group_error(self, group: Group, metric: str) -> dict[str, float]:
        """The standard error of an average of independent members; none unless each has one."""
        firsts = {name: next(iter(self.metrics[name])) for name in group.subsets}
        known = {name: self.errors.get(name, {}).get(first) for name, first in firsts.items()}
        weights = group.weights or dict.fromkeys(known, 1.0)
        terms = [weight * error for name, weight in weights.items() if (error := known[name]) is not None]
        return {metric: math.hypot(*terms) / sum(weights.values())} if len(terms) == len(weights) else {}

    def missing(self, group: Group) -> list[str]:
        """The members without a number, sorted."""
        return sorted({name for name in group.subsets if name not in self.metrics})


def shortened(reason: str) -> str:
    """The first line of a reason, cut to the width that a table cell bears."""
    line = next(iter(reason.strip().splitlines()), 'error')
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 3].rstrip() + '...'


def by_importance(metrics: Iterable[str]) -> list[str]:
    """The known metrics in their order, then the others in the order given."""
    metrics = list(metrics)
    return [name for name in FIRST_METRICS if name in metrics] + [one for one in metrics if one not in FIRST_METRICS]


def numbers(result: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of a result that are numbers, NaN among them; a text or truth value is none."""
    found = {
        name: value
        for name, value in result.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool) and name not in NO_METRICS
    }
    return {name: found[name] for name in by_importance(found)}


def read_result(path: Path) -> dict[str, Any] | None:
    """The result in a file, None if there is none; a file that cannot be read is a result with an `error`."""
    try:
        result = json.loads(path.read_text(encoding='utf-8'))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        get_logger().warning('%s is no readable result file (%s); delete it and evaluate again', path, error)
        return {'error': 'corrupt result file'}
    if isinstance(result, (int, float)):
        return {'score': result}  # of an evaluator with a single number
    if not isinstance(result, dict):
        get_logger().warning('%s holds a %s, not an object of metrics', path, type(result).__name__)
        return {'error': 'corrupt result file'}
    return result


def read_groups(summarizer: Mapping[str, Any]) -> list[Group]:
    """`summary_groups` of the config in its order, except that a group follows the groups that it averages."""
    waiting = [
        Group(one['name'], tuple(one['subsets']), dict(one.get('weights') or {}))
        for one in summarizer.get('summary_groups') or []
    ]
    ordered: list[Group] = []
    while waiting:
        names = {group.name for group in waiting}
        ready = (group for group in waiting if not names & (set(group.subsets) - {group.name}))
        chosen = next(ready, waiting[0])  # in a circle one has to begin
        waiting.remove(chosen)
        ordered.append(chosen)
    return ordered
