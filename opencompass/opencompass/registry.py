"""The registries: what configs name in `type`, by registered name or dotted path.

Building imports the public module of the kind first, so that a bare name such as `type='AccEvaluator'` works without an
import.
"""

from __future__ import annotations

from typing import Any

from mmengine.registry import Registry


class _Registry(Registry):
    """Logs to the package's logger: where there is none yet, mmengine makes one of its own, which imports torch."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.additions: dict[str, type] = {}

    def addition(self, added: type) -> type:
        """Decorates a class that OpenCompass 0.1 has not: it is found by its name, and the list of names stays as it
        was there."""
        self.additions[added.__name__] = added
        return added

    def get(self, key: str) -> Any:
        _make_logger()
        found = super().get(key)
        return self.additions.get(key) if found is None else found

    def build(self, cfg: dict, *args: Any, **kwargs: Any) -> Any:
        _make_logger()
        return super().build(cfg, *args, **kwargs)


def _make_logger() -> None:
    from .utils.logging import get_logger

    get_logger()


def _registry(name: str, *modules: str) -> _Registry:
    return _Registry(name, scope='opencompass', locations=[f'opencompass.{module}' for module in modules])


PARTITIONERS = _registry('partitioner', 'partitioners')
RUNNERS = _registry('runner', 'runners')
TASKS = _registry('task', 'tasks')
MODELS = _registry('model', 'models')
EVALUATORS = _registry('evaluators')
LOAD_DATASET = _registry('load_dataset', 'datasets')
TEXT_POSTPROCESSORS = _registry('text_postprocessors', 'utils.text_postprocessors', 'datasets')
ICL_INFERENCERS = _registry('icl_inferencers', 'openicl.icl_inferencer')
ICL_RETRIEVERS = _registry('icl_retrievers', 'openicl.icl_retriever')
ICL_DATASET_READERS = _registry('icl_dataset_readers', 'openicl.icl_dataset_reader')
ICL_PROMPT_TEMPLATES = _registry('icl_prompt_templates', 'openicl.icl_prompt_template')
ICL_EVALUATORS = _registry('icl_evaluators', 'openicl.icl_evaluator', 'datasets')
