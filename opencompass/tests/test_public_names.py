"""Every name that published configs and code of users import is an attribute of its public module."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

#: Module -> names that configs of OpenCompass 0.1 and TigerBot import, or that users build on.
PUBLIC = yaml.safe_load((Path(__file__).parent / 'public_names.yaml').read_text(encoding='utf-8'))


def test_published_names_are_there() -> None:
    missing = [
        f'{module}.{name}'
        for module, names in PUBLIC.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    assert missing == []
    assert sum(map(len, PUBLIC.values())) == 148


@pytest.mark.parametrize('package', [*PUBLIC, 'opencompass.openicl', 'opencompass.utils'])
def test_the_list_of_a_package_is_sorted_and_whole(package: str) -> None:
    found = importlib.import_module(package)
    if not hasattr(found, '__path__'):
        return
    assert found.__all__ == sorted(found.__all__)
    assert [name for name in found.__all__ if not hasattr(found, name)] == []
    assert {*PUBLIC.get(package, ())} <= {*found.__all__}
