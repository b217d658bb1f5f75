"""GovReport (CRS): summaries of reports of the Congressional Research Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import layout, read_json, read_lines
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class GovRepcrsDataset(BaseDataset):
    """`content`, the report with its headings, and `summary`; splits `train`, `valid` and `test`."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The reports `path`/gov-report/crs/ID.json, in the order of `path`/gov-report/split_ids/crs_SPLIT.ids."""
        from datasets import Dataset, DatasetDict

        root = f'{path.rstrip("/")}/gov-report'
        splits = {}
        for split in ('train', 'valid', 'test'):
            ids = need_local(f'{root}/split_ids/crs_{split}.ids', 'GovRepcrsDataset', 'the id of a report on each line')
            splits[split] = Dataset.from_list([_report(root, name) for name in read_lines(ids) if name])
        return DatasetDict(splits)


def _report(root: str, name: str) -> dict:
    file = need_local(f'{root}/crs/{name}.json', 'GovRepcrsDataset', 'a report of GovReport')
    report = read_json(file)
    with layout(file, 'title, summary and reports > subsections > (section_title, paragraphs, subsections)'):
        content = '\n'.join(_sections(report['reports']))
        return {'content': f'{report["title"]}\n{content}', 'summary': '\n'.join(report['summary'])}


def _sections(part: dict) -> Iterator[str]:
    """Each section below this part as its title and paragraphs, a line each, before its own subsections."""
    for section in part['subsections']:
        yield '\n'.join([section['section_title'] or '', '\n'.join(section['paragraphs'])])
        yield from _sections(section)
