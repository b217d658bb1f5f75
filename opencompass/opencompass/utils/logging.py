"""The one logger of the package."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.logging import MMLogger

NAME = 'OpenCompass'


def get_logger(level: str = 'INFO') -> MMLogger:
    """The logger `OpenCompass`; `level` (or `$OPENCOMPASS_LOG_LEVEL`) counts when it is first asked for."""
    if MMLogger.check_instance_created(NAME):
        return MMLogger.get_instance(NAME)
    with _without_torch():
        logger = MMLogger.get_instance(NAME, logger_name=NAME, log_level=os.environ.get('OPENCOMPASS_LOG_LEVEL', level))
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(sys.stderr)  # standard output is for the table
    return logger


@contextmanager
def _without_torch() -> Iterator[None]:
    """mmengine's logger imports torch, which takes seconds, to learn the rank of the process; without torch it takes
    rank 0."""
    hidden = [name for name in ('torch', 'mmengine.dist') if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
