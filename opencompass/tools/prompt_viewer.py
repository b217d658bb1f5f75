"""Show the prompts of the first test item of a data set, as a model receives them; no weights are loaded.

CONFIG is an evaluation config, or a config of data sets alone: prompts are then shown without a model's own spelling.
A menu asks for the model and the data set.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from types import SimpleNamespace
from typing import Any

from _begin import RULER, begin, choose

from opencompass.models import BaseModel
from opencompass.openicl._prompts import PromptBuilder
from opencompass.tasks.openicl_infer import Prepared, prepare, seed
from opencompass.utils import build_dataset_from_cfg, build_model_from_cfg, dataset_abbr_from_cfg, failures
from opencompass.utils import config as configs
from opencompass.utils.abbr import model_abbr_from_cfg
from opencompass.utils.build import model_class

MENU = ['Please make a selection of models:', 'Please make a selection of datasets:']
NO_MODEL = 'None'
#: Settings without which an inferencer cannot be built, and which do not change a prompt.
USUAL = {'max_seq_len': None, 'max_out_len': 1, 'batch_size': 1}


def main() -> int:
    args = parse_args()
    cfg = configs.load(args.config)
    models = {model_abbr_from_cfg(one): one for one in cfg.get('models') or []} or {NO_MODEL: {}}
    datasets = matching(datasets_of(cfg), args.pattern)
    if args.all:
        return show_all(models, datasets)
    chosen = [next(iter(models)), next(iter(datasets))]
    if not args.non_interactive:
        chosen = choose([[*models], [*datasets]], MENU, 'give -n (the first of each) or -a (all)')
    model_cfg = models[chosen[0]]
    show(load(model_cfg), model_cfg, datasets[chosen[1]])
    return 0


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('config', help='an evaluation config, or one with data sets only')
    add('-n', '--non-interactive', action='store_true', help='the first model and the first data set, no menu')
    add('-a', '--all', action='store_true', help='every model with every data set, no menu')
    add('-p', '--pattern', type=str, help='only data sets whose abbreviation matches, such as "mmlu*"')
    return parser.parse_args()


def datasets_of(cfg: Any) -> dict[str, Any]:
    """By abbreviation: the config's `datasets`, else everything whose name ends in `_datasets` or `_dataset`."""
    names = ['datasets'] if 'datasets' in cfg else [one for one in cfg if one.endswith(('_datasets', '_dataset'))]
    entries = [entry for name in names for entry in (cfg[name] if isinstance(cfg[name], list) else [cfg[name]])]
    if not entries:
        raise ValueError(f'config {cfg.filename} has no `datasets`, and no list whose name ends in `_datasets`')
    return {dataset_abbr_from_cfg(entry): entry for entry in entries}


def matching(datasets: dict[str, Any], pattern: str | None) -> dict[str, Any]:
    """Those whose abbreviation matches the pattern."""
    found = {abbr: one for abbr, one in datasets.items() if pattern is None or fnmatch(abbr, pattern)}
    if not found:
        raise ValueError('\n'.join([f'no data set matches the pattern {pattern!r}; there are:', *datasets]))
    return found


def show_all(models: dict[str, Any], datasets: dict[str, Any]) -> int:
    """Every pair in a frame; one that fails does not keep the others from being shown. 1 if any failed."""
    code = 0
    for model_abbr, model_cfg in models.items():
        model = load(model_cfg)
        for abbr, dataset_cfg in datasets.items():
            print(f'{"=" * 64} [BEGIN] {"=" * 64}')
            print(f'[MODEL]: {model_abbr}\n[DATASET]: {abbr}\n---')
            try:
                show(model, model_cfg, dataset_cfg)
            except Exception as error:
                print(f'error: {model_abbr}/{abbr}: {failures.message_of(error)}', file=sys.stderr)
                code = 1
            print(f'{"=" * 65} [END] {"=" * 65}\n')
    return code


class Spelling(BaseModel):
    """Stands for a model where the config has none: no meta template, and no tokens but a name for each choice."""

    tokenizer = SimpleNamespace(encode=lambda text, add_special_tokens=True: [text])

    def get_token_len(self, prompt: str) -> None:
        """Unknown."""


def load(model_cfg: Any) -> Any:
    """The model without its weights."""
    if not model_cfg:
        return Spelling(NO_MODEL)
    is_api = getattr(model_class(model_cfg), 'is_api', False)
    return build_model_from_cfg(model_cfg if is_api else {**model_cfg, 'tokenizer_only': True})


def show(model: Any, model_cfg: Any, dataset_cfg: Any) -> None:
    """Print the prompts that the inferencer sends for the first test item."""
    dataset = build_dataset_from_cfg(dataset_cfg)
    parts = prepare(model, {**USUAL, **model_cfg}, dataset, dataset_cfg['infer_cfg'])
    seed()
    [ids, *_] = parts.inferencer.examples(parts.retriever) or [None]
    if ids is None:
        raise ValueError(f'data set {dataset_abbr_from_cfg(dataset_cfg)} has no test item; see its test_range')
    kept = list(ids)

    def drop(examples: int, tokens: int) -> None:
        print(f'Truncating ice {examples} -> {examples - 1} Number of tokens: {tokens} -> ...')
        del kept[examples - 1 :]

    builder = prompts_of(parts, drop)
    show_requests(parts.inferencer, parts.inferencer.plan(builder, [ids]).requests, builder, kept)


def prompts_of(parts: Prepared, drop: Callable[[int, int], None]) -> PromptBuilder:
    """The builder as the inferencer makes it, which tells of examples that do not fit."""
    inferencer = parts.inferencer
    templates = [parts.templates.get(name) for name in ('ice_template', 'prompt_template')]
    return PromptBuilder(parts.retriever, *templates, inferencer.model, inferencer.max_seq_len, drop)


def show_requests(inferencer: Any, requests: list[Any], builder: PromptBuilder, ids: list[int]) -> None:
    """Print the requests of one item, those that state labels after the examples that they have in common."""
    ranks = inferencer.mode == 'ppl'
    if ranks:
        print(f'{RULER}\nICE Template:\n{RULER}\n{spelled(inferencer, builder.examples(ids))}\n{RULER}')
    for request in requests:
        tokens = inferencer.model.get_token_len_from_template(request.prompt, mode=inferencer.mode)
        if tokens is not None:
            print(f'Number of tokens: {tokens}' if ranks else f'Number of tokens:  {tokens}')
        if ranks:
            print(f'Label: {request.label}')
        if request.choices:
            print(f'Choices: {builder.retriever.test_ds[0]["choices"]}')
        if not ranks:
            print(RULER)
        print(f'Sample prompt:\n{RULER}\n{spelled(inferencer, request.prompt)}\n{RULER}')


def spelled(inferencer: Any, prompt: Any) -> str:
    """A prompt as the model receives it; of one that receives turns, a line with the role above each text."""
    received = inferencer.spelled(prompt, inferencer.mode)
    if isinstance(received, str):
        return received
    return '\n'.join(one if isinstance(one, str) else f'[{one["role"]}]\n{one["prompt"]}' for one in received)


if __name__ == '__main__':
    begin(main)
