"""Order of the tests, and the one reason for which a test of a GPU is skipped."""

from __future__ import annotations

import pytest

#: A script for a person, whose name is part of the command line that is kept.
collect_ignore = ['opencompass/tools/test_api_model.py']


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, otherwise as collected. Those of a file are run by one process, the slow ones by another."""
    items.sort(key=_is_slow)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(f'{item.path.stem}{", slow" if _is_slow(item) else ""}'))
    on_gpu = [item for item in items if item.get_closest_marker('gpu')]
    if on_gpu and not _has_gpu():
        for item in on_gpu:
            item.add_marker(pytest.mark.skip(reason='needs a GPU'))


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker('slow') is not None


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
