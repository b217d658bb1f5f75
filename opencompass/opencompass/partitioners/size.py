"""Tasks of about the same cost: large data sets in parts, small ones together."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmengine.config import ConfigDict

from opencompass.registry import PARTITIONERS
from opencompass.utils.abbr import dataset_abbr_from_cfg
from opencompass.utils.logging import get_logger

from ._sizes import SizeCache, Uncountable, chosen_rows
from .base import BasePartitioner, is_done, one_task

# Data sets answered with long chains of thought.
LONG_ANSWERS = re.compile(r'(?:gsm8k|math).*|agieval-gaokao-mathcloze', re.DOTALL)
LONG_ANSWER_FACTOR = 10
# The keys of a template that is one dialogue; other keys are labels, each a prompt of its own.
DIALOGUE_KEYS = {'begin', 'round', 'end'}


class Sized(NamedTuple):
    """A data set with its number of rows and the cost of one; infinitely many rows where they cannot be counted."""

    dataset: ConfigDict
    rows: float
    row_cost: int

    @property
    def cost(self) -> float:
        return self.rows * self.row_cost if self.rows < math.inf else math.inf


@PARTITIONERS.register_module()
class SizePartitioner(BasePartitioner):
    """Tasks that cost at most `max_task_size`, as far as that is possible.

    A row costs the number of its labels, or `gen_task_coef` where an answer is generated. Dearer data sets are divided
    into parts `ABBR_0`, `ABBR_1`, ...; those that cannot be counted, say because their files are missing, share a task
    of their own, so that each fails or not without the others. Sizes are remembered in the file `dataset_size_path`.
    """

    def __init__(
        self,
        out_dir: str,
        max_task_size: int = 2000,
        gen_task_coef: int = 20,
        dataset_size_path: str = '.cache/dataset_size.json',
    ) -> None:
        super().__init__(out_dir)
        self.max_task_size = max_task_size
        self.gen_task_coef = gen_task_coef
        self.dataset_size_path = dataset_size_path

    def partition(
        self, models: list[ConfigDict], datasets: list[ConfigDict], work_dir: str, out_dir: str
    ) -> list[ConfigDict]:
        cache = SizeCache(self.dataset_size_path)
        todo = [one for one in datasets if not all(is_done(model, one, out_dir) for model in models)]
        ranked = sorted((self._sized(one, cache) for one in todo), key=lambda sized: sized.cost, reverse=True)
        return [one_task(model, pack, work_dir) for model in models for pack in self._packs(model, ranked, out_dir)]

    def _packs(self, model: ConfigDict, ranked: list[Sized], out_dir: str) -> Iterator[list[ConfigDict]]:
        """The data sets of each task, the dearest first."""
        todo = [sized for sized in ranked if not is_done(model, sized.dataset, out_dir)]
        uncounted = [sized.dataset for sized in todo if sized.rows == math.inf]
        if uncounted:
            yield uncounted
        pack: list[ConfigDict] = []
        total = 0.0
        for sized in todo[len(uncounted) :]:
            if self._is_divisible(sized):
                yield from ([part] for part in self._parts(sized) if not is_done(model, part, out_dir))
                continue
            if pack and total + sized.cost > self.max_task_size:
                yield pack
                pack, total = [], 0.0
            pack.append(sized.dataset)
            total += sized.cost
        if pack:
            yield pack

    def _sized(self, dataset: ConfigDict, cache: SizeCache) -> Sized:
        """Rows as remembered; counted where nothing is, and before a division, where a wrong number would lose rows."""
        row_cost = self._row_cost(dataset)
        rows: float | None = None
        try:
            rows = cache.guess(dataset)
            if rows is None or self._is_divisible(Sized(dataset, rows, row_cost)):
                rows = cache.count(dataset)
        except Uncountable as error:
            if rows is None:
                get_logger().warning('Cannot be counted: data set %s', str(error).splitlines()[0])
                rows = math.inf
            else:
                get_logger().warning('Cannot be counted, so %d remembered rows are divided: data set %s', rows, error)
        return Sized(dataset, rows, row_cost)

    def _row_cost(self, dataset: ConfigDict) -> int:
        abbr, infer_cfg = dataset_abbr_from_cfg(dataset), dataset.get('infer_cfg', {})
        prompt = infer_cfg.get('prompt_template') or infer_cfg.get('ice_template')
        if prompt is None:
            raise AttributeError(f'data set {abbr}: infer_cfg needs a prompt_template or an ice_template')
        template: Any = prompt['template']
        is_labelled = isinstance(template, dict) and not DIALOGUE_KEYS.issuperset(template)
        cost = len(template) if is_labelled else self.gen_task_coef
        return cost * LONG_ANSWER_FACTOR if LONG_ANSWERS.fullmatch(abbr) else cost

    def _is_divisible(self, sized: Sized) -> bool:
        """Whether it is to be divided. A random choice of rows cannot be: only slices have parts."""
        return self.max_task_size < sized.cost < math.inf and isinstance(chosen_rows(sized.dataset), str)

    def _parts(self, sized: Sized) -> Iterator[ConfigDict]:
        """The data set in equal parts, at least a row each."""
        abbr, chosen, rows = dataset_abbr_from_cfg(sized.dataset), chosen_rows(sized.dataset), int(sized.rows)
        parts = math.ceil(rows / max(1, int(self.max_task_size / sized.row_cost)))
        step = math.ceil(rows / parts)
        for number, start in enumerate(range(0, rows, step)):
            part = copy.deepcopy(sized.dataset)
            part['abbr'] = f'{abbr}_{number}'
            part.setdefault('reader_cfg', {})['test_range'] = f'{chosen}[{start}:{start + step}]'
            yield part
