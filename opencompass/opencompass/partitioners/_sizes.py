"""How many rows data sets have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opencompass.utils.abbr import dataset_abbr_from_cfg
from opencompass.utils.build import build_dataset_from_cfg
from opencompass.utils.files import write_json
from opencompass.utils.logging import get_logger
from opencompass.utils.ranges import RangeError, select


class Uncountable(Exception):
    """A data set that cannot be loaded, or whose range is wrong; the message names it and says what and where."""


def chosen_rows(dataset: dict[str, Any]) -> int | float | str:
    """What the reader takes of the rows: a text of slices ('' for all), or the size of a random choice."""
    reader = dataset.get('reader_cfg', {})
    size = reader.get('test_range')
    size = reader.get('ds_size') if size is None else size
    return '' if size is None else size


def count_rows(dataset: dict[str, Any]) -> int:
    """The rows of the loaded data set, after its range."""
    try:
        return len(build_dataset_from_cfg(dataset).test)
    except Exception as error:  # loaders, third-party ones too, raise what they like, and one must not end the run
        raise Uncountable(f'{dataset_abbr_from_cfg(dataset)}: {_explained(error)}') from error


def _explained(error: Exception) -> str:
    """Kind and message of a loader's error, and for a bare missing file also where it belongs."""
    text = f'{type(error).__name__}: {error}'
    if isinstance(error, FileNotFoundError) and error.filename:
        text += f' (looked for at {Path.cwd() / error.filename}; put it there, or change the path in the config)'
    return text


class SizeCache:
    """Sizes by abbreviation, kept in a JSON file so that later runs need not load every data set.

    What was counted under a range is stored as if it were the whole, as the file has always been written, and data may
    have changed since. So a cached size is a guess: good enough to group data sets, not to say where rows end.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.sizes = _read(self.path)

    def guess(self, dataset: dict[str, Any]) -> int | None:
        """The rows to expect after the range, None if the file does not tell."""
        abbr, chosen = dataset_abbr_from_cfg(dataset), chosen_rows(dataset)
        count = self.sizes.get(abbr)
        if count is None or not isinstance(chosen, (int, float, str)):
            return None
        if not isinstance(chosen, str):
            return min(count, int(chosen * count if chosen < 1 else chosen)) if chosen > 0 else count
        try:
            return len(select(chosen, count))
        except RangeError as error:
            raise Uncountable(f'{abbr}: {error}') from error

    def count(self, dataset: dict[str, Any]) -> int:
        """The rows there are now. The file takes the number unless what it holds leads to the same."""
        rows = count_rows(dataset)
        if self.guess(dataset) != rows:
            self.sizes[dataset_abbr_from_cfg(dataset)] = rows
            self._write()
        return rows

    def _write(self) -> None:
        try:
            Path('.cache').mkdir(exist_ok=True)  # runs have always left this folder, wherever the file lies
            write_json(self.path, self.sizes, indent=4, ensure_ascii=False)
        except OSError as error:
            get_logger().warning('The sizes of data sets cannot be kept in %s: %s', self.path, error)


def _read(path: Path) -> dict[str, int]:
    """The sizes in the file; a damaged file counts as empty, after a warning."""
    try:
        sizes = json.loads(path.read_text(encoding='utf-8'))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        get_logger().warning('%s cannot be read (%s); data sets are counted again', path, error)
        return {}
    if not isinstance(sizes, dict):
        get_logger().warning('%s holds no object of sizes; data sets are counted again', path)
        return {}
    return {abbr: size for abbr, size in sizes.items() if type(size) is int and size >= 0}
