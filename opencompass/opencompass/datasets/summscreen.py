"""SummScreen: recaps of episodes of TV series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opencompass.registry import LOAD_DATASET
from opencompass.utils.paths import need_local

from ._read import layout, read_json
from .base import BaseDataset

if TYPE_CHECKING:
    from datasets import DatasetDict


@LOAD_DATASET.register_module()
class SummScreenDataset(BaseDataset):
    """Episodes (`dev`): `content`, the transcript, and `summary`, the recap."""

    @staticmethod
    def load(path: str) -> DatasetDict:
        """The files of `path`/SummScreen_raw/fd, then those of `path`/SummScreen_raw/tms, by name."""
        from datasets import Dataset, DatasetDict

        folders = [
            need_local(f'{path.rstrip("/")}/SummScreen_raw/{source}', 'SummScreenDataset', 'a JSON file an episode')
            for source in ('fd', 'tms')
        ]
        episodes = [_episode(file) for folder in folders for file in sorted(folder.iterdir())]
        return DatasetDict({'dev': Dataset.from_list(episodes)})


def _episode(file: Path) -> dict:
    episode = read_json(file)
    with layout(file, 'Transcript and Recap'):
        return {'content': _joined(episode['Transcript'], '\n'), 'summary': _joined(episode['Recap'], '')}


def _joined(lines: list[str] | str, between: str) -> str:
    """A list of lines as one text; a text stays."""
    return lines if isinstance(lines, str) else between.join(lines)
