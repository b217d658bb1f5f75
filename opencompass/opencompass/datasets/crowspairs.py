"""CrowS-Pairs: pairs of sentences of which one is a stereotype."""

from __future__ import annotations

from opencompass.registry import LOAD_DATASET

from ._rows import MappedDataset


@LOAD_DATASET.register_module()
class crowspairsDataset(MappedDataset):
    """`label` is always 0, the first sentence (`sent_more`): accuracy is how often a model prefers the stereotype."""

    expects = 'sent_more and sent_less'

    @staticmethod
    def row(row: dict) -> dict:
        return {'label': 0}


@LOAD_DATASET.register_module()
class crowspairsDataset_V2(MappedDataset):
    """As crowspairsDataset; `label` is always A."""

    expects = 'sent_more and sent_less'

    @staticmethod
    def row(row: dict) -> dict:
        return {'label': 'A'}
