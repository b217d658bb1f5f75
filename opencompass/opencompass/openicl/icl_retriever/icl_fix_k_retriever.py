"""The same examples for all."""

from __future__ import annotations

from ...registry import ICL_RETRIEVERS
from ...utils.prompt import PromptError
from .icl_base_retriever import BaseRetriever


@ICL_RETRIEVERS.register_module()
class FixKRetriever(BaseRetriever):
    """Gives every row the examples that the config lists, as the inferencer's `fix_id_list`."""

    def retrieve(self, id_list: list[int] | None = None) -> list[list[int]]:
        """The given numbers for each test row."""
        if id_list is None:
            raise TypeError('FixKRetriever needs to know which examples: give fix_id_list=[...] to the inferencer')
        missing = [number for number in id_list if number >= len(self.index_ds)]
        if missing:
            raise PromptError(
                f'fix_id_list names the examples {missing}, but there are {len(self.index_ds)} rows to '
                f'take them from, 0 to {len(self.index_ds) - 1}'
            )
        return [list(id_list) for _ in range(len(self.test_ds))]
