"""Rows of every benchmark whose data is there, as one config: `python every_benchmark.py DATA CONFIG fake|nano`.

Of each published data set config the first, the middle and the last entry, eight rows each. Only what needs another
model from a hub is given a smaller one, and no judge behind an API is asked.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import Any

import yaml
from mmengine.config import Config, ConfigDict

from opencompass.utils.abbr import dataset_abbr_from_cfg
from opencompass.utils.build import build_dataset_from_cfg
from opencompass.utils.config import builtin
from opencompass.utils.paths import MissingData

TESTS = Path(__file__).resolve().parent
CONFIGS = TESTS.parent / 'configs'
NANO = TESTS.parents[1] / 'assets' / 'tigerbot-nano'
MODELS = {
    'fake': {'type': 'opencompass.models.FakeModel', 'path': 'fake', 'max_seq_len': 2048},
    'nano': {
        'type': 'opencompass.models.HuggingFaceCausalLM',
        'path': str(NANO / 'base'),
        'tokenizer_kwargs': {'padding_side': 'left', 'truncation_side': 'left'},
        'model_kwargs': {'torch_dtype': 'float32'},
        'max_seq_len': 2048,
    },
}

#: Stands for the package that embeds texts: a vector a text, the same everywhere.
EMBEDDER = """
import zlib

import numpy


class SentenceTransformer:
    def __init__(self, name, **kwargs):
        pass

    def encode(self, sentences, **kwargs):
        rows = [numpy.random.default_rng(zlib.crc32(text.encode())).normal(size=8) for text in sentences]
        return numpy.array([row / numpy.linalg.norm(row) for row in rows], dtype=numpy.float32)
"""


def published() -> list[str]:
    """The data set configs that are no aliases and no collections."""
    names = yaml.safe_load((TESTS / 'published.yaml').read_text(encoding='utf-8'))['fingerprints']
    return [name for name in names if re.search(r'^datasets/.*(_[0-9a-f]{6}\.py$|/glm/)|^datasets/glm/', name)]


def entries(name: str, rows: int) -> list[dict[str, Any]]:
    """The first, the middle and the last entry of a config, named after it, with so many rows."""
    lists = [value for key, value in Config.fromfile(CONFIGS / name).items() if re.search('^[^_].*_datasets?$', key)]
    found = [entry for value in lists for entry in (value if isinstance(value, list) else [value])]
    picked = [builtin(found[index]) for index in sorted({0, len(found) // 2, len(found) - 1})]
    return [small(entry, Path(name).stem, rows) for entry in picked]


def small(entry: dict[str, Any], config: str, rows: int) -> dict[str, Any]:
    reader = dict(entry['reader_cfg'], test_range=f'[0:{rows}]')
    retriever = dict(entry['infer_cfg']['retriever'])
    if retriever['type'].endswith('MDLRetriever'):
        retriever.update(ce_model_name=str(NANO / 'base'), ice_num=1, select_time=2)
    infer_cfg, eval_cfg = dict(entry['infer_cfg'], retriever=retriever), dict(entry.get('eval_cfg', {}))
    if 'metrics' in eval_cfg.get('evaluator', {}):
        eval_cfg['evaluator'] = dict(eval_cfg['evaluator'], metrics=['rouge', 'bleu'])
    abbr = '.'.join(filter(None, [config, dataset_abbr_from_cfg(entry)])).replace('/', '_')
    return entry | {'abbr': abbr, 'reader_cfg': reader, 'infer_cfg': infer_cfg, 'eval_cfg': eval_cfg}


def is_there(entry: dict[str, Any]) -> bool:
    with contextlib.suppress(MissingData):
        build_dataset_from_cfg(ConfigDict(entry))
        return True
    return False


def models(kind: str) -> list[dict[str, Any]]:
    """The model alone, small enough for two cores."""
    return [MODELS[kind] | {'abbr': kind, 'max_out_len': 16, 'batch_size': 16, 'run_cfg': {'num_gpus': 0}}]


def write(path: Path, kind: str, rows: int, per_config: int = 3) -> list[str]:
    """Write the config; the names of the configs that are in it."""
    found = {name: [one for one in entries(name, rows)[:per_config] if is_there(one)] for name in published()}
    datasets = [entry for listed in found.values() for entry in listed]
    path.write_text(f'datasets = {datasets!r}\nmodels = {models(kind)!r}\n', encoding='utf-8')
    return [name for name, listed in found.items() if listed]


if __name__ == '__main__':
    data, config, kind = sys.argv[1:]
    os.environ['OPENCOMPASS_DATA'] = data
    used = write(Path(config), kind, rows=8)
    print(f'{len(used)} configs:', *used)
