"""A prompt as chat APIs spell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..utils.prompt import PromptList

ROLES = {'HUMAN': 'user', 'BOT': 'assistant', 'SYSTEM': 'system'}


def messages(prompt: str | PromptList) -> list[dict[str, str]]:
    """`{'role', 'content'}` of each turn; a text is what the user says."""
    if isinstance(prompt, str):
        return [{'role': 'user', 'content': prompt}]
    return [_message(turn) for turn in prompt]


def _message(turn: Any) -> dict[str, str]:
    if not isinstance(turn, dict):
        raise TypeError(f'a chat has turns with a role, not the bare text {turn!r}; check meta_template of the model')
    if turn['role'] not in ROLES:
        raise ValueError(
            f'the API knows the roles {", ".join(ROLES)}, not {turn["role"]!r}; set api_role in meta_template'
        )
    return {'role': ROLES[turn['role']], 'content': turn['prompt']}
