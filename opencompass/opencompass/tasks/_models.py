"""The model of a task: loaded, or still there from the task before."""

from __future__ import annotations

import gc
import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..utils.build import SET_LATER, TASK_KEYS, build_model_from_cfg
from ..utils.logging import get_logger

#: Read by tasks alone.
NOT_OF_THE_MODEL = {*TASK_KEYS['model']} - {*SET_LATER}


class Kept(NamedTuple):
    """A model, and the state in which its loading left the random numbers."""

    identity: str
    model: Any
    randomness: dict[str, Any]


#: The model loaded last, if it is kept; None outside of `keeping`.
_kept: list[Kept] | None = None


def identity(model_cfg: Any) -> str:
    """The same for configs of one model: all but what only tasks read of them, such as `abbr` and `batch_size`."""
    return json.dumps({key: value for key, value in model_cfg.items() if key not in NOT_OF_THE_MODEL}, default=repr)


@contextmanager
def keeping() -> Iterator[None]:
    """In the body, a model stays in memory for the next task until one asks for another."""
    global _kept
    _kept = []
    try:
        yield
        _free()
    finally:
        _kept = None


def load(model_cfg: Any) -> Any:
    """The model of a config; if it is the kept one, with random numbers that go on as if it had just been loaded."""
    if _kept is None:
        return build_model_from_cfg(model_cfg)
    wanted = identity(model_cfg)
    if _kept and _kept[0].identity == wanted:
        _restore(_kept[0].randomness)
        return _kept[0].model
    _free()
    get_logger().info(f'Loading model {model_cfg.get("path", model_cfg["type"])}')
    model = build_model_from_cfg(model_cfg)
    _kept.append(Kept(wanted, model, _randomness()))
    return model


def _free() -> None:
    """Let go of the kept model, and of its memory on GPUs."""
    if not _kept:
        return
    _kept.clear()
    gc.collect()
    torch = sys.modules.get('torch')
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _randomness() -> dict[str, Any]:
    """Where the random numbers of each package stand. What is not imported draws none."""
    numpy, torch = sys.modules.get('numpy'), sys.modules.get('torch')
    found: dict[str, Any] = {'random': random.getstate()}
    if numpy is not None:
        found['numpy'] = numpy.random.get_state()
    if torch is not None:
        found['torch'] = torch.get_rng_state()
        if torch.cuda.is_initialized():
            found['cuda'] = torch.cuda.get_rng_state_all()
    return found


def _restore(state: dict[str, Any]) -> None:
    random.setstate(state['random'])
    if 'numpy' in state:
        sys.modules['numpy'].random.set_state(state['numpy'])
    if 'torch' in state:
        sys.modules['torch'].set_rng_state(state['torch'])
    if 'cuda' in state:
        sys.modules['torch'].cuda.set_rng_state_all(state['cuda'])
