"""Order of the tests, and the one reason for which a test of a GPU is skipped."""

from __future__ import annotations

import pytest

#: A script for a person, whose name is part of the command line that is kept.
collect_ignore = ['opencompass/tools/test_api_model.py']


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, otherwise as collected."""
    items.sort(key=lambda item: item.get_closest_marker('slow') is not None)
    on_gpu = [item for item in items if item.get_closest_marker('gpu')]
    if on_gpu and not _has_gpu():
        for item in on_gpu:
            item.add_marker(pytest.mark.skip(reason='needs a GPU'))


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
