"""Data sets in the formats of the `datasets` library: files, local copies of hub repositories, the hub."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opencompass.registry import LOAD_DATASET
from opencompass.utils.logging import get_logger
from opencompass.utils.paths import MissingData, advice, find_hub_copy, hub_places, need_local

from ._read import CorruptFile, read_json, read_jsonl
from .base import BaseDataset, no_progress_bars

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

#: What stands for a data set of the hub on this machine.
HUB_COPY = 'a folder with data files and a README.md that lists its configurations and splits'
FILE_FORMATS = ('arrow', 'csv', 'json', 'parquet', 'text')


class UnreachableHub(MissingData, ConnectionError):
    """A data set that is neither here nor to be had, because the hub does not answer."""


@LOAD_DATASET.register_module()
class HFDataset(BaseDataset):
    """Whatever `datasets.load_dataset` gives for the same arguments, from local files wherever there are some."""

    @staticmethod
    def load(**kwargs: Any) -> Dataset | DatasetDict:
        """Rows of `data_files`, of a local copy of the hub repository `path` (see `find_hub_copy`), or of the hub."""
        if kwargs['path'] in FILE_FORMATS and 'data_files' in kwargs:
            files = _local_files(kwargs['data_files'])
            return _load_files(kwargs | {'data_files': files}, _named(files))
        return load_repository(**kwargs)


def load_columns(columns: Sequence[str], **kwargs: Any) -> Dataset | DatasetDict:
    """As HFDataset, but a CorruptFile where rows lack one of the columns."""
    loaded = HFDataset.load(**kwargs)
    for rows in loaded.values() if isinstance(loaded, dict) else [loaded]:
        missing = [column for column in columns if column not in rows.column_names]
        if missing:
            raise CorruptFile(
                f'{kwargs.get("data_files", kwargs["path"])}: expected the columns {", ".join(columns)}, '
                f'found only {", ".join(rows.column_names)}'
            )
    return loaded


def load_configurations(path: str, names: Sequence[str], split: str) -> Dataset:
    """One split of several configurations of a hub data set, one after the other."""
    from datasets import concatenate_datasets

    return concatenate_datasets([load_repository(path, name)[split] for name in names])


def load_repository(*args: Any, **kwargs: Any) -> Dataset | DatasetDict:
    """`datasets.load_dataset` of a folder such as ./data/NAME, of the local copy of the hub repository, or of the
    hub."""
    named = dict(zip(('path', 'name'), args, strict=False)) | kwargs
    if named['path'].startswith(('.', '/')):
        folder = need_local(named['path'], 'HFDataset', HUB_COPY)
        if named.get('data_dir') == named['path']:
            named.pop('data_dir')  # the library wants it relative to the folder
        return _load_files(named | {'path': str(folder)}, folder.rglob('*.json*'))
    copy = find_hub_copy(named['path'])
    if copy is not None:
        return _load_files(named | {'path': str(copy)}, copy.rglob('*.json*'))
    return _load_from_hub(named['path'], args, kwargs)


def _local_files(data_files: Any) -> Any:
    """The same names, lists or names by split, with the files' places on this machine; URLs and patterns stay."""
    if isinstance(data_files, dict):
        return {split: _local_files(files) for split, files in data_files.items()}
    if not isinstance(data_files, str):
        return [_local_files(file) for file in data_files]
    if '://' in data_files or any(sign in data_files for sign in '*?['):
        return data_files
    return str(need_local(data_files, 'HFDataset', 'a data file'))


def _named(files: Any) -> Iterator[Path]:
    """Every local file in the value of `data_files`."""
    if isinstance(files, str):
        yield Path(files)
        return
    for part in files.values() if isinstance(files, dict) else files:
        yield from _named(part)


def _load_files(kwargs: dict, files: Iterator[Path]) -> Dataset | DatasetDict:
    """Rows of local files, read anew every time; a corrupt line is named, if one of the JSON `files` has one.

    The library's cache would take up the home folder, which may be read-only, and takes a file that was replaced by
    one of the same size and time for the old one. Reading again is as fast.
    """
    import datasets
    from datasets.exceptions import DatasetGenerationError

    with tempfile.TemporaryDirectory() as cache, no_progress_bars():
        try:
            return datasets.load_dataset(**{'cache_dir': cache, 'keep_in_memory': True} | kwargs)
        except (DatasetGenerationError, ValueError):
            for file in files:
                _read_through(file)
            raise


def _read_through(file: Path) -> None:
    """CorruptFile if the JSON file has an error; other files are let be."""
    if file.suffix == '.jsonl':
        list(read_jsonl(file))
    elif file.suffix == '.json':
        with file.open(encoding='utf-8-sig') as text:
            is_array = text.read(1) == '['
        read_json(file) if is_array else list(read_jsonl(file))


def _load_from_hub(name: str, args: tuple, kwargs: dict) -> Dataset | DatasetDict:
    """Rows of the hub's data set; MissingData where the hub cannot be reached or has none that can be loaded."""
    import datasets

    get_logger().info(f'no local copy of the data set {name}: asking the hub')
    try:
        return datasets.load_dataset(*args, **kwargs)
    except (OSError, RuntimeError) as error:
        kind = UnreachableHub if isinstance(error, ConnectionError) else MissingData
        raise kind(
            f'HFDataset needs the data set {name}, {HUB_COPY}. '
            f'It is not there, and the hub did not give it ({error}).\n' + advice(hub_places(name))
        ) from error
